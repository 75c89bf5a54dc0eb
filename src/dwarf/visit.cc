#include "dwarf/visit.h"

#include <algorithm>
#include <memory>

#include "dwarf/builder.h"
#include "dwarf/pages.h"
#include "dwarf/parallel.h"

namespace abiscope::dwarf {

namespace {

constexpr std::size_t batch = 64;     // in one table: types they share are built once
constexpr std::size_t batches = 16;   // at once, then they are handed out
constexpr std::size_t rounds_between_returns = 4;

struct Worker {
    explicit Worker(const Debug& debug) : sink(debug.limits()) {}

    std::shared_ptr<BuilderTools> tools;
    finding::Sink sink;
};

// For every place below `count`: `build(builder, place)`, and when a table is complete `work(place, table, what was built)`.
template <typename Built, typename Build, typename Work>
void visit_all(const Debug& debug, const TypeIndex& index, std::size_t count, const VisitOptions& options, finding::Sink& sink,
               const Build& build, const Work& work, const VisitDone& done) {
    tbb::enumerable_thread_specific<Worker> workers([&] { return Worker(debug); });
    for (std::size_t round = 0; round < count; round += batch * batches) {
        std::size_t last = std::min(count, round + batch * batches);
        for_each_index(workers, (last - round + batch - 1) / batch, options.threads, 1, [&](Worker& worker, std::size_t i) {
            if (!worker.tools) worker.tools = std::make_shared<BuilderTools>(debug, &index);
            abi::TypeTable table;
            TypeBuilder builder(debug, table, &index, worker.sink, {.sources = options.sources, .merge = false, .threads = 1},
                                worker.tools);
            std::size_t first = round + i * batch;
            std::vector<Built> built;
            for (std::size_t at = first; at < std::min(last, first + batch); ++at) built.push_back(build(builder, at));
            if (options.prepare) options.prepare(table);
            for (std::size_t at = 0; at < built.size(); ++at) work(first + at, table, built[at]);
        });
        done(round, last);
        if (round / (batch * batches) % rounds_between_returns == 0) give_back_pages(debug);
    }
    collect_findings(workers, sink);
}

}  // namespace

void visit_types(const Debug& debug, const TypeIndex& index, std::span<const IndexedType* const> types, const VisitOptions& options,
                 finding::Sink& sink, const TypeWork& work, const VisitDone& done) {
    auto build = [&](TypeBuilder& builder, std::size_t at) { return builder.build(types[at]->ref); };
    visit_all<abi::TypeId>(debug, index, types.size(), options, sink, build, work, done);
}

void visit_functions(const Debug& debug, const TypeIndex& index, std::span<const FoundType> functions, const VisitOptions& options,
                     finding::Sink& sink, const FunctionWork& work, const VisitDone& done) {
    auto build = [&](TypeBuilder& builder, std::size_t at) { return read_function(builder, functions[at]); };
    visit_all<FunctionSignature>(debug, index, functions.size(), options, sink, build, work, done);
}

}  // namespace abiscope::dwarf
