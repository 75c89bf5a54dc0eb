// What is told of a core dump, in text and JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/crash.h"
#include "core/goroutine_stacks.h"
#include "core/where.h"
#include "report/json.h"
#include "report/style.h"
#include "rules/crash.h"
#include "rules/crash_bucket.h"

namespace abiscope::report {

struct CoreAnswer {
    std::string path;
    core::Crash* crash = nullptr;
    rules::Diagnosis diagnosis;
    // What nobody asked for is nothing or empty.
    std::optional<core::Goroutines> goroutines;
    std::vector<std::vector<core::FrameSlots>> goroutine_slots;   // for each group, of its first goroutine
    std::vector<core::FrameSlots> slots;                          // of the stack that crashed
    std::vector<core::Stack> thread_stacks;                       // of every thread of the dump
    std::optional<core::GoHeap> heap;
    std::optional<rules::Bucket> bucket;
};

struct CoreTextOptions {
    std::size_t most_frames = 40;
};

[[nodiscard]] std::string core_text(const CoreAnswer& answer, const Style& style, const CoreTextOptions& options);
// The goroutines alone.
[[nodiscard]] std::string goroutines_text(const CoreAnswer& answer, const Style& style, const CoreTextOptions& options);
// A dozen lines without columns and colours.
[[nodiscard]] std::string core_ticket(const CoreAnswer& answer);
// "SIGSEGV SEGV_MAPERR addr 0x18"
[[nodiscard]] std::string signal_words(const core::SignalInfo& signal);
// The title of a cause, with names as their authors wrote them.
[[nodiscard]] std::string cause_headline(const finding::Finding& finding);
// The members of one `core` result.
[[nodiscard]] Json core_json(const CoreAnswer& answer);

[[nodiscard]] Json facts_json(const std::vector<rules::Fact>& facts);

}  // namespace abiscope::report
