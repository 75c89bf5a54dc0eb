// The sanitizers of gcc and clang: how their runtimes are known, and what the checks of -fsanitize=undefined are called.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace abiscope::rules {

struct Sanitizer {
    std::string_view name;             // as in its reports
    std::string_view space;            // its namespace, as it stands in mangled names
    std::string_view prefix;           // of the functions that compiled code calls
    std::string_view marker;           // a symbol that its runtime exports
};
[[nodiscard]] std::span<const Sanitizer> sanitizers();

// A check of UndefinedBehaviorSanitizer, or of control-flow integrity.
struct UndefinedCheck {
    std::string_view handler;          // __ubsan_handle_*, without a version
    std::string_view words;
};
// By the number that clang writes into a trap; null: none has it.
[[nodiscard]] const UndefinedCheck* trapped_check(std::uint64_t number);
// By the function that reports it ("__ubsan_handle_type_mismatch_v1_abort"); null: not known.
[[nodiscard]] const UndefinedCheck* handled_check(std::string_view function);

// What a function of AddressSanitizer reports ("_ZN6__asan16ReportDoubleFreeEmPN..."); empty: not known.
[[nodiscard]] std::string_view address_report(std::string_view function);
// The same of ThreadSanitizer, LeakSanitizer and MemorySanitizer.
[[nodiscard]] std::string_view other_report(std::string_view function);

}  // namespace abiscope::rules
