// Which symbols lead to which pairs of types, and whether a type's bytes themselves travel there.
#pragma once

#include <cstdint>
#include <vector>

#include "diff/relation.h"

namespace abiscope::diff {

class Reach {
public:
    Reach(const std::vector<Edge>& edges, std::size_t symbols, std::size_t pairs);

    // Pairs on the way from those symbols, this one among them, as the last call found them.
    [[nodiscard]] const std::vector<std::uint32_t>& last_pairs() const { return passed_; }

    // Symbols that lead to a pair, ascending. `by_value_only`: those in which its bytes lie, not a pointer to them.
    [[nodiscard]] std::vector<std::uint32_t> symbols_of(std::uint32_t pair, bool by_value_only);

private:
    struct Back {
        std::uint32_t from = 0;
        bool by_value = true;
    };
    std::vector<std::uint32_t> first_;   // by pair: where its edges start in back_
    std::vector<Back> back_;
    std::vector<std::uint32_t> seen_symbol_, seen_pair_;   // the round in which each was met last
    std::vector<std::uint32_t> passed_;
    std::uint32_t round_ = 0;
};

}  // namespace abiscope::diff
