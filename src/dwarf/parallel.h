// One piece of work per unit, on as many threads as asked for, each thread with a Worker of its own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <tbb/blocked_range.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "finding/sink.h"

namespace abiscope::dwarf {

// Calls `body(worker, i)` for every i below `count`. `make` makes a Worker. The workers are left in `workers`.
template <typename Workers, typename Body>
void for_each_index(Workers& workers, std::size_t count, unsigned threads, std::size_t grain, Body body) {
    if (threads == 1) {
        auto& worker = workers.local();
        for (std::size_t i = 0; i < count; ++i) body(worker, i);
        return;
    }
    tbb::task_arena arena(threads == 0 ? tbb::task_arena::automatic : static_cast<int>(threads));
    arena.execute([&] {
        tbb::parallel_for(
            tbb::blocked_range<std::size_t>(0, count, grain),
            [&](const tbb::blocked_range<std::size_t>& range) {
                auto& worker = workers.local();
                for (std::size_t i = range.begin(); i != range.end(); ++i) body(worker, i);
            },
            tbb::simple_partitioner());
    });
}

// Findings of all workers in the order of their places, so that the result does not depend on who read what.
template <typename Workers>
void collect_findings(Workers& workers, finding::Sink& sink) {
    std::vector<finding::Finding> all;
    for (auto& worker : workers) {
        for (auto& finding : worker.sink.take()) all.push_back(std::move(finding));
    }
    std::ranges::stable_sort(all, {}, [](const finding::Finding& finding) { return finding.evidence().front().offset.value_or(0); });
    for (auto& finding : all) sink.add(std::move(finding));
}

}  // namespace abiscope::dwarf
