#include "loader/cpu_relevance.h"

#include <algorithm>
#include <set>
#include <utility>

namespace abiscope::loader {

using disasm::FunctionRole;

namespace {

constexpr int most_rounds = 16;     // from words to those on which they depend; then everything matters

std::vector<std::uint32_t> using_functions(std::span<const FunctionRole> roles) {
    std::vector<std::uint32_t> out;
    for (std::uint32_t function = 0; function < roles.size(); ++function) {
        if (roles[function] == FunctionRole::uses) out.push_back(function);
    }
    return out;
}

// The functions that those of `followed` call, and what these call in turn as far as they look at words.
std::vector<bool> asked_by(const disasm::References& references, std::span<const disasm::Watcher> watchers,
                           const std::vector<bool>& followed) {
    std::vector<bool> asked(followed.size());
    std::vector<std::uint32_t> open;
    for (std::uint32_t function = 0; function < followed.size(); ++function) {
        if (followed[function]) open.push_back(function);
    }
    while (!open.empty()) {
        std::uint32_t function = open.back();
        open.pop_back();
        for (disasm::Reference reference : references.of(function)) {
            if (reference.inside != 0 || asked[reference.function]) continue;
            bool watches = std::ranges::binary_search(watchers, std::uint32_t{reference.function}, {}, &disasm::Watcher::function);
            asked[reference.function] = watches;
            if (watches && !followed[reference.function]) open.push_back(reference.function);
        }
    }
    return asked;
}

}  // namespace

CpuRelevance cpu_relevance(const disasm::Code& code, const disasm::References& references, std::span<const FunctionRole> roles,
                           std::span<const disasm::Watcher> watchers) {
    CpuRelevance out{.followed = disasm::leading_to(code, references, using_functions(roles)), .asked = {}};
    std::set<std::uint32_t> words, setters;
    for (int round = 0; round < most_rounds; ++round) {
        out.asked = asked_by(references, watchers, out.followed);
        for (const disasm::Watcher& watcher : watchers) {
            if (out.followed[watcher.function] || out.asked[watcher.function]) words.insert(watcher.watched);
        }
        std::size_t before = setters.size();
        for (const disasm::Watcher& watcher : watchers) {
            if (!watcher.only_reads && words.contains(watcher.watched)) setters.insert(watcher.function);
        }
        if (setters.size() == before) return out;
        for (std::uint32_t setter : setters) out.followed[setter] = true;
        const disasm::Watcher* last = nullptr;
        for (const disasm::Watcher& watcher : watchers) {
            bool seen = last != nullptr && last->function == watcher.function;
            last = &watcher;
            if (seen || out.followed[watcher.function]) continue;
            out.followed[watcher.function] = std::ranges::any_of(references.of(watcher.function), [&](disasm::Reference reference) {
                return setters.contains(std::uint32_t{reference.function});
            });
        }
    }
    for (const disasm::Watcher& watcher : watchers) out.followed[watcher.function] = true;
    out.asked = asked_by(references, watchers, out.followed);
    return out;
}

}  // namespace abiscope::loader
