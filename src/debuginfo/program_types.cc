#include "debuginfo/program_types.h"

#include <utility>

#include "dwarf/builder.h"

namespace abiscope::debuginfo {

Result<ProgramTypes> ProgramTypes::open(const SourcePtr& program, FileFinder* finder, const DebugFolders& folders, const Limits& limits,
                                        finding::Sink& sink, unsigned threads, Purpose purpose) {
    ABISCOPE_TRY(auto debug, open_debug(program, finder, folders, limits, sink, purpose));
    return ProgramTypes(std::move(debug), threads);
}

const dwarf::TypeIndex& ProgramTypes::index(finding::Sink& sink) {
    if (!index_) index_ = std::make_unique<dwarf::TypeIndex>(dwarf::TypeIndex::build(*debug_, threads_, sink));
    return *index_;
}

std::vector<abi::TypeId> ProgramTypes::find_types(std::string_view pattern, abi::TypeTable& into, finding::Sink& sink) const {
    dwarf::TypeBuilder builder(*debug_, into, index_.get(), sink, {.threads = threads_});
    std::vector<abi::TypeId> ids;
    for (const dwarf::FoundType& found : dwarf::find_types(*debug_, pattern, threads_, sink)) {
        if (abi::TypeId id = builder.build(found.ref); id != abi::TypeId::none) ids.push_back(id);
    }
    return ids;
}

std::vector<dwarf::FunctionSignature> ProgramTypes::find_functions(std::string_view pattern, abi::TypeTable& into,
                                                                   finding::Sink& sink) const {
    dwarf::TypeBuilder builder(*debug_, into, index_.get(), sink, {.threads = threads_});
    std::vector<dwarf::FunctionSignature> functions;
    for (const dwarf::FoundType& found : dwarf::find_functions(*debug_, pattern, threads_, sink)) {
        functions.push_back(dwarf::read_function(builder, found, true));
    }
    return functions;
}

std::size_t ProgramTypes::visit_types(std::string_view pattern, bool sources, finding::Sink& sink, const dwarf::TypeWork& work,
                                      const dwarf::VisitDone& done, const dwarf::TableWork& prepare) {
    const dwarf::TypeIndex& all = index(sink);
    dwarf::EntryReader reader(*debug_);
    std::vector<const dwarf::IndexedType*> types = all.matching(reader, pattern);
    dwarf::visit_types(*debug_, all, types, {.threads = threads_, .sources = sources, .prepare = prepare}, sink, work, done);
    return types.size();
}

std::size_t ProgramTypes::visit_functions(std::string_view pattern, bool sources, finding::Sink& sink, const dwarf::FunctionWork& work,
                                          const dwarf::VisitDone& done) {
    std::vector<dwarf::FoundType> functions = dwarf::find_functions(*debug_, pattern, threads_, sink);
    dwarf::visit_functions(*debug_, index(sink), functions, {.threads = threads_, .sources = sources}, sink, work, done);
    return functions.size();
}

}  // namespace abiscope::debuginfo
