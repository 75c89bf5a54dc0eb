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

// Calls `each(builder, table, place)` for every place below `count`.
template <typename Each>
void visit(const Debug& debug, const TypeIndex& index, std::size_t count, const VisitOptions& options, finding::Sink& sink,
           const Each& each, const VisitDone& done) {
    tbb::enumerable_thread_specific<Worker> workers([&] { return Worker(debug); });
    for (std::size_t round = 0; round < count; round += batch * batches) {
        std::size_t last = std::min(count, round + batch * batches);
        for_each_index(workers, (last - round + batch - 1) / batch, options.threads, 1, [&](Worker& worker, std::size_t i) {
            if (!worker.tools) worker.tools = std::make_shared<BuilderTools>(debug, &index);
            abi::TypeTable table;
            TypeBuilder builder(debug, table, &index, worker.sink, {.sources = options.sources, .merge = false, .threads = 1},
                                worker.tools);
            std::size_t end = std::min(last, round + (i + 1) * batch);
            for (std::size_t at = round + i * batch; at < end; ++at) each(builder, table, at);
        });
        done(round, last);
        if (round / (batch * batches) % rounds_between_returns == 0) give_back_pages(debug);
    }
    collect_findings(workers, sink);
}

}  // namespace

void visit_types(const Debug& debug, const TypeIndex& index, std::span<const IndexedType* const> types, const VisitOptions& options,
                 finding::Sink& sink, const TypeWork& work, const VisitDone& done) {
    auto each = [&](TypeBuilder& builder, const abi::TypeTable& table, std::size_t at) { work(at, table, builder.build(types[at]->ref)); };
    visit(debug, index, types.size(), options, sink, each, done);
}

void visit_functions(const Debug& debug, const TypeIndex& index, std::span<const FoundType> functions, const VisitOptions& options,
                     finding::Sink& sink, const FunctionWork& work, const VisitDone& done) {
    auto each = [&](TypeBuilder& builder, const abi::TypeTable& table, std::size_t at) {
        work(at, table, read_function(builder, functions[at]));
    };
    visit(debug, index, functions.size(), options, sink, each, done);
}

}  // namespace abiscope::dwarf
