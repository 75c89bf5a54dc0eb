// Every distinct record of a program, one after the other, on several threads and in bounded memory.
#pragma once

#include <cstddef>
#include <functional>

#include "abi/type.h"
#include "dwarf/index.h"
#include "finding/sink.h"

namespace abiscope::dwarf {

// Called once for each type of the index, by its number there, on any thread and in any order. The table lives as long as the call; it
// holds the record and what the record holds by value, pointers lead to names.
using RecordWork = std::function<void(std::size_t number, const abi::TypeTable& table, abi::TypeId id)>;

// Called on the caller's thread, in order, when the work for the types [first, last) of the index is done: at most 1024 of them.
using RecordsDone = std::function<void(std::size_t first, std::size_t last)>;

// `sources`: fill Type::declared. 0 threads: as many as the machine has.
void visit_records(const Debug& debug, const TypeIndex& index, unsigned threads, bool sources, finding::Sink& sink, const RecordWork& work,
                   const RecordsDone& done);

}  // namespace abiscope::dwarf
