#include "diff/reach.h"

#include <algorithm>

namespace abiscope::diff {

Reach::Reach(const std::vector<Edge>& edges, std::size_t symbols, std::size_t pairs)
    : first_(pairs + 1), back_(edges.size()), seen_symbol_(symbols), seen_pair_(pairs) {
    for (const Edge& edge : edges) ++first_[edge.to + 1];
    for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
    std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
    for (const Edge& edge : edges) back_[next[edge.to]++] = {edge.from, edge.by_value};
}

std::vector<std::uint32_t> Reach::symbols_of(std::uint32_t pair, bool by_value_only) {
    ++round_;
    std::vector<std::uint32_t> symbols;
    passed_.assign(1, pair);
    seen_pair_[pair] = round_;
    for (std::size_t next = 0; next < passed_.size(); ++next) {
        std::uint32_t at = passed_[next];
        for (std::uint32_t i = first_[at]; i < first_[at + 1]; ++i) {
            const Back& edge = back_[i];
            if (by_value_only && !edge.by_value) continue;
            std::uint32_t number = edge.from / 2;
            std::uint32_t& seen = edge.from % 2 == 0 ? seen_symbol_[number] : seen_pair_[number];
            if (seen == round_) continue;
            seen = round_;
            (edge.from % 2 == 0 ? symbols : passed_).push_back(number);
        }
    }
    std::ranges::sort(symbols);
    return symbols;
}

}  // namespace abiscope::diff
