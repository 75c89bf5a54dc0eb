// What every hostile file has to survive: `inspect` and `check` of it, as the commands do them, within a second and in bounded memory.
#pragma once

#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "inspect/inspect.h"
#include "report/check_text.h"
#include "report/inspect_text.h"
#include "report/json.h"
#include "rules/check.h"
#include "support/small_target.h"

namespace abiscope::test {

using Bytes = std::vector<std::byte>;

inline Bytes bytes_of(std::string_view text) {
    auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

// Of this process, all threads: what a busy machine does not change.
inline double processor_seconds() {
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

inline long peak_megabytes() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss >> 10;
}

struct Answered {
    Result<inspect::Card> card;
    rules::Checked checked;
};

// `printed`: also everything the commands would print of it.
inline Answered answer(const std::string& name, Bytes bytes, const target::Target& target, bool printed = false) {
    constexpr long most_megabytes = 512;   // sanitizers keep what was freed for a while
    long before = peak_megabytes();
    double start = processor_seconds();
    std::size_t size = bytes.size();
    SourcePtr source = Source::from_memory(name, std::move(bytes));
    finding::Sink sink;
    auto card = inspect::inspect(source, {}, sink);
    if (card) {
        static_cast<void>(report::dump(report::to_json(*card), false));
        if (printed) static_cast<void>(report::inspect_text({*card, source, sink.take(), sink.dropped()}, {}, {}));
    } else {
        EXPECT_NE(card.error().offset, Error::no_offset) << name << ": " << card.error().describe();
    }
    loader::ModuleCache cache(target.files);
    rules::CheckRequest request;
    request.program = {
        .path = "./x", .module = loader::make_module(source), .status = {.mode = 0755, .uid = 1000, .gid = 1000, .size = size}};
    request.fixes = printed;
    rules::Checked checked = rules::check(request, target, cache);
    if (printed) {
        report::CheckedFile one{.subject = {.path = "x"}, .target = target.name, .outcome = checked.outcome, .findings = checked.findings};
        static_cast<void>(report::check_text(one, {}, true));
        static_cast<void>(report::dump(report::to_json(one.outcome), false));
    }
    // A second, and two for each megabyte: sanitizers make honest work ten times as long, quadratic work takes minutes.
    EXPECT_LT(processor_seconds() - start, 1.0 + 2.0 * static_cast<double>(size) / (1 << 20)) << name << " of " << size << " bytes";
    EXPECT_LT(peak_megabytes() - before, most_megabytes) << name << " of " << size << " bytes";
    return {std::move(card), std::move(checked)};
}

}  // namespace abiscope::test
