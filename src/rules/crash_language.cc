// abort() by the runtime of a language: an uncaught C++ exception, a Rust panic; and by the program itself.
#include <algorithm>
#include <initializer_list>

#include <fmt/format.h>

#include "base/text.h"
#include "core/spec.h"
#include "rules/c_library_names.h"
#include "rules/crash_builder.h"
#include "rules/crash_glib.h"
#include "rules/crash_language.h"
#include "rules/crash_sanitizer.h"

namespace abiscope::rules {

namespace {

// The last of the frames that only lead to abort(): a sanitizer's stands in front of it, and libstdc++'s assertions (_GLIBCXX_ASSERTIONS)
// end in a function that the template which checks has called.
std::size_t behind_library(core::Crash& crash, std::size_t abort) {
    auto next_starts = [&](std::initializer_list<std::string_view> prefixes) {
        return abort + 2 < crash.stack.items.size() &&
            std::ranges::any_of(prefixes, [&](std::string_view prefix) { return crash.function(abort + 1).starts_with(prefix); });
    };
    auto next_is_verbose_abort = [&] { return abort + 2 < crash.stack.items.size() && is_verbose_abort(crash.function(abort + 1)); };
    while (abort + 2 < crash.stack.items.size() && crash.function(abort + 1).ends_with("_interceptor_abort")) ++abort;
    if (!next_starts({"_ZSt21__glibcxx_assert_fail"}) && !next_is_verbose_abort()) return abort;
    do ++abort;
    while (next_starts({"_ZNSt", "_ZNKSt", "_ZSt"}));
    return abort;
}

// libgcc, libgcc2.c: __addvsi3, __mulvdi3, __negvti2...
bool is_overflow_check(std::string_view function) {
    constexpr std::string_view operations[] = {"__addv", "__subv", "__mulv", "__negv", "__absv"};
    auto at = std::ranges::find_if(operations, [&](std::string_view one) { return function.starts_with(one); });
    if (at == std::end(operations)) return false;
    function.remove_prefix(at->size());
    return function == "si3" || function == "di3" || function == "ti3" || function == "si2" || function == "di2" || function == "ti2";
}

}  // namespace

std::string frame_words(core::Crash& crash, std::size_t index) {
    if (index >= crash.stack.items.size()) return "an unknown function";
    return place_words(crash, crash.stack.items[index].frame.lookup_pc());
}

std::optional<Cause> language_abort(Ask ask) {
    core::Crash& crash = ask.crash;
    if (crash.behind || crash.signal.number != core::sigabrt) return std::nullopt;
    if (!crash.sent_by_itself(crash.signal)) {
        if (!crash.signal.complete) ask.missing.emplace_back("without NT_SIGINFO it is not known who sent SIGABRT");
        return std::nullopt;
    }
    if (auto cause = pure_virtual(crash)) return cause;
    // A process that aborts within a throw was ended by std::terminate, also where the frame of that has no name.
    for (std::string_view name : {"_ZSt9terminatev", "_ZN10__cxxabiv111__terminateEPFvvE", "__cxa_throw", "__cxa_rethrow"}) {
        if (auto terminate = crash.find_frame(name)) return terminated(ask, *terminate);
    }
    if (auto cause = panicked(ask)) return cause;
    SanitizerAnswer sanitizer = sanitizer_abort(crash);
    if (sanitizer.cause) return std::move(sanitizer.cause);
    if (!sanitizer.unknown.empty()) {
        ask.missing.push_back(sanitizer.unknown);
        return std::nullopt;
    }
    // A handler of SIGABRT may have called it once more.
    auto abort = crash.find_frame("abort", crash.signal_frame().value_or(0));
    if (!abort) abort = crash.find_frame("abort");   // a handler called it
    if (abort) abort = behind_library(crash, *abort);
    if (!abort) {
        ask.missing.push_back(fmt::format("who called abort(): its frame was not found ({})", crash.stack.end));
        return std::nullopt;
    }
    if (auto cause = glib_assertion(crash, *abort)) return cause;
    if (auto cause = libstdcxx_assertion(crash, *abort)) return cause;
    if (auto cause = libcxx_assertion(crash, *abort)) return cause;
    if (auto cause = musl_assertion(crash)) return cause;
    if (auto cause = panicked_without_names(ask, *abort)) return cause;
    bool allocation = false;
    abort = behind_rust(crash, *abort, allocation);
    std::string check = *abort + 2 < crash.stack.items.size() ? crash.function(*abort + 1) : std::string();
    bool overflow = is_overflow_check(check);
    if (overflow) ++*abort;
    CauseBuilder builder(RuleId::CRASH_ABORT, crash);
    if (overflow) {
        builder.derived(fmt::format("{} is libgcc's: a signed integer overflowed, and the code is built with -ftrapv", check));
        builder.help("look at the arithmetic of that line: an operand is too large for its type");
    }
    if (crash.find_frame("_ZSt21__glibcxx_assert_failPKciS0_S0_"))
        builder.derived(
            "std::__glibcxx_assert_fail is on the stack: a precondition that libstdc++ checks (_GLIBCXX_ASSERTIONS) did not hold");
    if (allocation) {
        builder.derived(
            "Rust's handler of failed allocations is on the stack (alloc::alloc::handle_alloc_error): memory could not be allocated");
        builder.help("look at the size that is asked for, and at the limits of memory (ulimit -v, cgroup)");
    }
    builder.signal()
        .derived("the frame of abort is on the stack, and no library left a text")
        .with("function", frame_words(crash, *abort + 1));
    builder.reject("a signal from outside", "the process sent it to itself");
    builder.help("look at the function that calls abort(), in the backtrace; its message may be in the program's log");
    return builder.build();
}

}  // namespace abiscope::rules
