#include "rules/sanitizer_names.h"

#include <algorithm>

namespace abiscope::rules {

namespace {

// compiler-rt/lib/*/; gcc's libsanitizer is the same code.
constexpr Sanitizer all[] = {
    {"AddressSanitizer", "6__asan", "__asan_", "__asan_init"},
    {"HWAddressSanitizer", "8__hwasan", "__hwasan_", "__hwasan_init"},
    {"ThreadSanitizer", "6__tsan", "__tsan_", "__tsan_init"},
    {"MemorySanitizer", "6__msan", "__msan_", "__msan_init"},
    {"LeakSanitizer", "6__lsan", "__lsan_", "__lsan_init"},
    {"UndefinedBehaviorSanitizer", "7__ubsan", "__ubsan_", "__ubsan_handle_type_mismatch_v1_abort"},
    {"UndefinedBehaviorSanitizer", "7__ubsan", "__ubsan_", "__ubsan_handle_type_mismatch_minimal_abort"},
};

// clang/lib/CodeGen/SanitizerHandler.h (LIST_SANITIZER_CHECKS), in its order: the place is the number in a trap.
constexpr UndefinedCheck checks[] = {
    {"add_overflow", "an addition that overflows"},
    {"builtin_unreachable", "control that came to __builtin_unreachable()"},
    {"cfi_check_fail", "an indirect call or cast that control-flow integrity forbids"},
    {"divrem_overflow", "a division by zero, or one that overflows"},
    {"dynamic_type_cache_miss", "an object of another dynamic type"},
    {"float_cast_overflow", "a floating-point value that its integer type cannot hold"},
    {"function_type_mismatch", "a call through a pointer to a function of another type"},
    {"implicit_conversion", "an implicit conversion that changed the value"},
    {"invalid_builtin", "a builtin that was passed 0"},
    {"invalid_objc_cast", "an Objective-C cast to another class"},
    {"load_invalid_value", "a bool or enum that holds a value it cannot have"},
    {"missing_return", "the end of a function that should have returned a value"},
    {"mul_overflow", "a multiplication that overflows"},
    {"negate_overflow", "a negation that overflows"},
    {"nullability_arg", "a null argument that is declared _Nonnull"},
    {"nullability_return", "a null result that is declared _Nonnull"},
    {"nonnull_arg", "a null argument that is declared nonnull"},
    {"nonnull_return", "a null result that is declared returns_nonnull"},
    {"out_of_bounds", "an array index that is out of bounds"},
    {"pointer_overflow", "pointer arithmetic that overflows"},
    {"shift_out_of_bounds", "a shift by too much, or of a negative number"},
    {"sub_overflow", "a subtraction that overflows"},
    {"type_mismatch", "an access through a null or misaligned pointer, or to an object that is too small"},
    {"alignment_assumption", "a pointer that is not aligned as was promised"},
    {"vla_bound_not_positive", "a variable-length array whose bound is not positive"},
    {"bounds_safety", "an access that -fbounds-safety forbids"},
    {"local_out_of_bounds", "an access out of the bounds of a local object"},
};

struct Report {
    std::string_view function;   // without namespace and parameters
    std::string_view words;
};

// compiler-rt/lib/asan/asan_report.h, in the words of asan_errors.h where they are always the same.
constexpr Report address_reports[] = {
    {"_ZN6__asan16ReportDoubleFreeE", "double-free"},
    {"_ZN6__asan21ReportFreeNotMallocedE", "free of an address that malloc() did not give"},
    {"_ZN6__asan27ReportNewDeleteTypeMismatchE", "new-delete-type-mismatch"},
    {"_ZN6__asan23ReportAllocTypeMismatchE", "alloc-dealloc-mismatch"},
    {"_ZN6__asan18ReportODRViolationE", "odr-violation"},
    {"_ZN6__asan39ReportStringFunctionMemoryRangesOverlapE", "memory ranges that overlap"},
    {"_ZN6__asan19ReportRssLimitExceededE", "a memory limit that was exceeded"},
    {"_ZN6__asan17ReportOutOfMemoryE", "out-of-memory"},
};

constexpr Report other_reports[] = {
    {"_ZN6__tsan10ReportRaceE", "a data race"},
    {"__tsan_report_race_thunk", "a data race"},
    {"_ZN6__tsan14ReportDeadlockE", "a lock order that can deadlock"},
    {"_ZN6__tsanL17ReportMutexMisuseE", "a mutex that is misused"},
    {"_ZN6__tsan17ReportMutexMisuseE", "a mutex that is misused"},
    {"_ZN6__lsan11HandleLeaksE", "memory that leaked"},
    {"_ZN6__lsan11DoLeakCheckE", "memory that leaked"},
    {"__lsan_do_leak_check", "memory that leaked"},
    {"__msan_warning", "use of a value that was never set"},
    {"__msan_maybe_warning", "use of a value that was never set"},
};

template <std::size_t N>
std::string_view words_of(const Report (&reports)[N], std::string_view function) {
    for (const Report& one : reports) {
        if (function.starts_with(one.function)) return one.words;
    }
    return {};
}

bool drop_suffix(std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) return false;
    text.remove_suffix(suffix.size());
    return true;
}

}  // namespace

std::span<const Sanitizer> sanitizers() { return all; }

const UndefinedCheck* trapped_check(std::uint64_t number) { return number < std::size(checks) ? &checks[number] : nullptr; }

const UndefinedCheck* handled_check(std::string_view function) {
    constexpr std::string_view prefix = "__ubsan_handle_";
    if (!function.starts_with(prefix)) return nullptr;
    function.remove_prefix(prefix.size());
    drop_suffix(function, "_abort");
    drop_suffix(function, "_minimal");
    drop_suffix(function, "_v1") || drop_suffix(function, "_v2");
    const auto* found = std::ranges::find(checks, function, &UndefinedCheck::handler);
    return found == std::end(checks) ? nullptr : found;
}

std::string_view address_report(std::string_view function) { return words_of(address_reports, function); }

std::string_view other_report(std::string_view function) { return words_of(other_reports, function); }

}  // namespace abiscope::rules
