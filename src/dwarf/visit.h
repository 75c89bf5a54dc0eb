// Every type or function of a program, one after the other, on several threads and in bounded memory.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "abi/type.h"
#include "dwarf/functions.h"
#include "dwarf/index.h"
#include "finding/sink.h"

namespace abiscope::dwarf {

// Called once for each, with its place in the list, on any thread and in any order. The table lives as long as the call; it holds the type
// and what the type holds by value, pointers lead to names.
using TypeWork = std::function<void(std::size_t number, const abi::TypeTable& table, abi::TypeId id)>;
using FunctionWork = std::function<void(std::size_t number, const abi::TypeTable& table, const FunctionSignature& function)>;

// Before the first `work` for a table: all that is visited in it has been built.
using TableWork = std::function<void(abi::TypeTable& table)>;

// Called on the caller's thread, in order, when the work for the places [first, last) is done: at most 1024 of them.
using VisitDone = std::function<void(std::size_t first, std::size_t last)>;

struct VisitOptions {
    unsigned threads = 0;   // 0: as many as the machine has
    bool sources = true;    // fill Type::declared
    TableWork prepare = {};
};

void visit_types(const Debug& debug, const TypeIndex& index, std::span<const IndexedType* const> types, const VisitOptions& options,
                 finding::Sink& sink, const TypeWork& work, const VisitDone& done);

// `functions` are what find_functions() found. The index knows the types that units only declare.
void visit_functions(const Debug& debug, const TypeIndex& index, std::span<const FoundType> functions, const VisitOptions& options,
                     finding::Sink& sink, const FunctionWork& work, const VisitDone& done);

}  // namespace abiscope::dwarf
