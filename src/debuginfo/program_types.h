// The types and functions of a program, out of whatever debug information it has: what the front ends ask for.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "abi/type.h"
#include "debuginfo/open_debug.h"
#include "dwarf/functions.h"
#include "dwarf/visit.h"

namespace abiscope::debuginfo {

// A name is given as dwarf::name_matches() takes it: "Point", "ns::Point", "ns::*". Go's names have their package in front: "main.Point".
//
// find_types() and find_functions() look for a few names and index nothing. visit_types() and visit_functions() go through all there are,
// each distinct structure once, in an order that does not depend on the threads.
class ProgramTypes {
public:
    // `finder` may be null: then only the file itself is read. Errors: those of open_debug(). 0 threads: as many as the machine has.
    [[nodiscard]] static Result<ProgramTypes> open(const SourcePtr& program, FileFinder* finder, const DebugFolders& folders,
                                                   const Limits& limits, finding::Sink& sink, unsigned threads = 0,
                                                   Purpose purpose = Purpose::types);

    // Records, enumerations, typedefs and base types, with what they hold by value. A type that is only declared is there too
    // (Record::complete), unless another of its name is complete.
    [[nodiscard]] std::vector<abi::TypeId> find_types(std::string_view pattern, abi::TypeTable& into, finding::Sink& sink) const;

    // By name or linkage name. What their parameters and results hold by value is complete.
    [[nodiscard]] std::vector<dwarf::FunctionSignature> find_functions(std::string_view pattern, abi::TypeTable& into,
                                                                       finding::Sink& sink) const;

    // Complete records with a name, and typedefs of records without one (then `id` is the alias). Types local to functions are left out.
    // The number of types; `work` has been called with every number below it.
    std::size_t visit_types(std::string_view pattern, bool sources, finding::Sink& sink, const dwarf::TypeWork& work,
                            const dwarf::VisitDone& done, const dwarf::TableWork& prepare = {});

    std::size_t visit_functions(std::string_view pattern, bool sources, finding::Sink& sink, const dwarf::FunctionWork& work,
                                const dwarf::VisitDone& done);

    [[nodiscard]] const dwarf::Debug& debug() const { return *debug_; }

private:
    ProgramTypes(dwarf::Debug debug, unsigned threads) : debug_(std::make_unique<dwarf::Debug>(std::move(debug))), threads_(threads) {}
    const dwarf::TypeIndex& index(finding::Sink& sink);

    std::unique_ptr<dwarf::Debug> debug_;
    std::unique_ptr<dwarf::TypeIndex> index_;  // made when it is first needed
    unsigned threads_;
};

}  // namespace abiscope::debuginfo
