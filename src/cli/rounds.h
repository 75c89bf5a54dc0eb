// Many files, in parallel: some thousand are answered and printed before the next are opened. What is mapped for an answer is held until
// it is printed, and Linux lets a process have 65,530 mappings (vm.max_map_count).
#pragma once

#include <algorithm>
#include <cstddef>

#include <tbb/parallel_for.h>

#include "cli/progress.h"

namespace abiscope::cli {

inline constexpr std::size_t answers_per_round = 16384;

// answer(i) for each i below `total`, from any thread; then print(begin, end) of each round, in order. `shown`: as of Progress.
template <class Answer, class Print>
void in_rounds(std::size_t total, bool shown, Answer answer, Print print) {
    for (std::size_t begin = 0; begin < total; begin += answers_per_round) {
        std::size_t end = std::min(begin + answers_per_round, total);
        {
            Progress progress(total, shown, begin);
            tbb::parallel_for(begin, end, [&](std::size_t i) {
                answer(i);
                progress.step();
            });
        }
        print(begin, end);
    }
}

}  // namespace abiscope::cli
