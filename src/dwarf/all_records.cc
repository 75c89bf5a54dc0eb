#include "dwarf/all_records.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "dwarf/builder.h"
#include "dwarf/parallel.h"

namespace abiscope::dwarf {

namespace {

constexpr std::size_t batch = 64;     // records in one table: types they share are built once
constexpr std::size_t batches = 16;   // at once, then they are handed out

struct Worker {
    explicit Worker(const Debug& debug) : sink(debug.limits()) {}

    std::shared_ptr<BuilderTools> tools;
    finding::Sink sink;
};

}  // namespace

void visit_records(const Debug& debug, const TypeIndex& index, unsigned threads, bool sources, finding::Sink& sink, const RecordWork& work,
                   const RecordsDone& done) {
    auto types = index.types();
    tbb::enumerable_thread_specific<Worker> workers([&] { return Worker(debug); });
    for (std::size_t round = 0; round < types.size(); round += batch * batches) {
        std::size_t last = std::min(types.size(), round + batch * batches);
        for_each_index(workers, (last - round + batch - 1) / batch, threads, 1, [&](Worker& worker, std::size_t i) {
            if (!worker.tools) worker.tools = std::make_shared<BuilderTools>(debug, &index);
            abi::TypeTable table;
            TypeBuilder builder(debug, table, &index, worker.sink, {.sources = sources, .merge = false, .threads = 1}, worker.tools);
            std::size_t end = std::min(last, round + (i + 1) * batch);
            for (std::size_t at = round + i * batch; at < end; ++at) work(at, table, builder.build(types[at].ref));
        });
        done(round, last);
    }
    collect_findings(workers, sink);
}

}  // namespace abiscope::dwarf
