#include "rules/situation.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/text.h"

namespace abiscope::rules {

namespace {

bool same_problem(const loader::Problem& a, const loader::Problem& b) {
    return a.kind == b.kind && a.subject == b.subject && a.version == b.version && a.object == b.object;
}

// Of a warning it is known that the program runs anyway.
std::string outcome_words(const loader::Outcome& outcome, const loader::Problem& cured) {
    switch (outcome.verdict) {
        case loader::Verdict::runs: return cured.fatal ? "then it runs" : "then it runs without this warning";
        case loader::Verdict::conditional: return fmt::format("then it runs on a condition ({})", to_string(outcome.stage));
        case loader::Verdict::unknown: return "then what follows cannot be told";
        case loader::Verdict::fails: break;
    }
    std::string line = outcome.message.text.substr(0, outcome.message.text.find('\n'));
    return fmt::format("then it stops at the {} stage{}", to_string(outcome.stage),
                       line.empty() ? std::string() : ": " + text::printable(line));
}

std::optional<loader::ModulePtr> patched(const loader::Module& module,
                                         const std::function<bool(const elf::Image&, std::vector<std::byte>&)>& edit) {
    if (module.image() == nullptr) return std::nullopt;
    View bytes = module.image()->bytes();
    std::vector<std::byte> copy(bytes.bytes().begin(), bytes.bytes().end());
    if (!edit(*module.image(), copy)) return std::nullopt;
    auto image = elf::Image::parse(Source::from_memory(module.image()->name(), std::move(copy)));
    if (!image) return std::nullopt;
    return std::make_shared<loader::Module>(*std::move(image));
}

}  // namespace

void try_fix(finding::Fix& fix, const loader::Problem& problem, const Situation& situation, const Trial& trial) {
    loader::Program program = situation.program;
    target::Target target = situation.target;
    if (trial.program) trial.program(program);
    if (trial.target) trial.target(target);
    std::optional<loader::ModuleCache> own_cache;
    if (target.files != situation.target.files) own_cache.emplace(target.files);
    loader::Outcome outcome = loader::simulate(program, target, own_cache ? *own_cache : situation.cache, situation.options);
    bool gone = std::ranges::none_of(outcome.problems, [&](const loader::Problem& other) { return same_problem(problem, other); });
    bool earlier = outcome.verdict == loader::Verdict::fails && outcome.stage < problem.stage;
    fix.outcome = outcome_words(outcome, problem);
    if (!gone || earlier) fix.verified = finding::Verified::fails;
    else fix.verified = outcome.verdict == loader::Verdict::runs ? finding::Verified::cures : finding::Verified::advances;
}

std::optional<loader::ModulePtr> as_static(const loader::Module& module) {
    return patched(module, [](const elf::Image& image, std::vector<std::byte>& bytes) {
        for (const elf::Segment& segment : image.segments()) {
            if (segment.type != elf::pt_interp && segment.type != elf::pt_dynamic) continue;
            std::uint64_t at = segment.record_offset - image.bytes().file_offset();
            if (!range_fits(at, 4, bytes.size())) return false;
            std::memset(bytes.data() + at, 0, 4);   // PT_NULL in either byte order
        }
        return true;
    });
}

std::optional<loader::ModulePtr> with_interpreter(const loader::Module& module, std::string_view path) {
    return patched(module, [&](const elf::Image& image, std::vector<std::byte>& bytes) {
        const elf::Segment* segment = image.segment(elf::pt_interp);
        if (segment == nullptr || path.size() + 1 > segment->filesz || !range_fits(segment->offset, segment->filesz, bytes.size()))
            return false;
        std::memset(bytes.data() + segment->offset, 0, segment->filesz);
        std::memcpy(bytes.data() + segment->offset, path.data(), path.size());
        return true;
    });
}

}  // namespace abiscope::rules
