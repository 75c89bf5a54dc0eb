// abort() by the runtime of a language: an uncaught C++ exception, a Rust panic; and by the program itself.
#include <algorithm>
#include <initializer_list>

#include <fmt/format.h>

#include "base/text.h"
#include "core/spec.h"
#include "rules/c_library_names.h"
#include "rules/crash_builder.h"
#include "rules/crash_sanitizer.h"
#include "rules/cxx_exception.h"

namespace abiscope::rules {

namespace {

std::string frame_words(core::Crash& crash, std::size_t index) {
    if (index >= crash.stack.items.size()) return "an unknown function";
    return place_words(crash, crash.stack.items[index].frame.lookup_pc());
}

// Whether what() of the object's class is the one that returns the kept text.
bool tells_own_text(core::Crash& crash, const CxxException& exception) {
    constexpr std::uint64_t what_slot = 16;   // behind the two destructors
    if (!exception.table) return true;
    auto function = crash.process.memory.word(*exception.table + what_slot);
    if (!function) return true;
    const std::string& name = crash.symbols.at(*function).function;
    if (name == "_ZNKSt13runtime_error4whatEv" || name == "_ZNKSt11logic_error4whatEv") return true;
    if (!name.empty()) return !name.ends_with("4whatEv");
    // Without names: the library's functions are in the library, unless all is one file.
    auto is_library = [](const core::Module& one) { return one.name().starts_with("libstdc++."); };
    const core::Module* module = crash.process.module_at(*function);
    return module == nullptr || is_library(*module) || std::ranges::none_of(crash.process.modules, is_library);
}

std::optional<Cause> terminated(Ask ask, std::size_t terminate) {
    core::Crash& crash = ask.crash;
    if (auto pure = crash.find_frame("__cxa_pure_virtual")) {
        CauseBuilder builder(RuleId::CRASH_PURE_VIRTUAL, crash);
        builder.signal().derived("the frame of __cxa_pure_virtual is on the stack").with("function", frame_words(crash, *pure + 1));
        builder.help(
            "a constructor or destructor of the base class, or a pointer to an object that is destroyed, calls a function that only derived classes have");
        return builder.build();
    }
    auto thrower = crash.find_frame("__cxa_throw");
    if (!thrower) thrower = crash.find_frame("__cxa_rethrow");
    ExceptionSearch search = find_exception(crash, thrower.value_or(terminate + 1));
    // A noexcept function catches, and then ends the program: what threw is gone, and the exception counts as being handled.
    bool handled = !search.exception && !search.several && !thrower;
    if (handled) search = find_handled_exception(crash);
    if (search.exception) {
        const CxxException& exception = *search.exception;
        CauseBuilder builder(RuleId::CRASH_UNCAUGHT_EXCEPTION, crash);
        std::string type = exception.type;
        builder.signal().memory(exception.header + 80, 8, "the class of the exception in its header: C++");
        builder.memory(exception.type_name_address, exception.type.size(), fmt::format("the name in its type information: {}", type));
        // A class may make another text of the one that its base class keeps.
        bool own_words = tells_own_text(crash, exception);
        std::string what = !exception.what ? std::string()
            : own_words                    ? fmt::format(": {}", *exception.what)
                                           : fmt::format(" (its base class keeps the text \"{}\")", *exception.what);
        builder.with("type", "_ZTI" + type).with("what", std::move(what));
        if (exception.what && exception.what_address != 0) {
            std::string which = own_words ? "what()" : "the text that its base class keeps, of which its own what() makes another";
            builder.memory(exception.what_address, exception.what->size(), fmt::format("{}: \"{}\"", which, *exception.what));
        }
        if (thrower) {
            builder.with("where", "thrown in " + frame_words(crash, *thrower + 1));
        } else {
            std::size_t ended = terminate + 1;
            if (ended < crash.stack.items.size() && crash.function(ended) == "__clang_call_terminate") ++ended;
            builder.with("where", "which ended in " + frame_words(crash, ended));
            builder.confidence(Confidence::likely,
                               handled ? "the frame that threw is gone: it is the exception on the heap that was being handled last"
                                       : "the frame that threw is not on the stack any more");
        }
        builder.reject("a signal from outside", "the process sent it to itself, in std::terminate()");
        builder.help("catch it where it can be dealt with; a noexcept function or a destructor on its way ends the program, too");
        return builder.build();
    }
    CauseBuilder builder(RuleId::CRASH_TERMINATE, crash);
    std::size_t from = terminate + 1;
    // Unwinding came to a function that lets nothing out.
    bool unwinding = from < crash.stack.items.size() && crash.function(from) == "__gxx_personality_v0";
    auto belongs_to_unwinding = [&](std::size_t frame) {
        const core::Module* module = crash.process.module_at(crash.stack.items[frame].frame.lookup_pc());
        const std::string& name = crash.function(frame);
        return (module != nullptr && (module->name().starts_with("libgcc_s.") || module->name().starts_with("libc.so"))) ||
            is_c_function(name, unwinds);
    };
    if (unwinding) {
        while (from + 1 < crash.stack.items.size() && belongs_to_unwinding(from)) ++from;
        builder.derived(
            "the unwinder's __gxx_personality_v0 called it: an exception, pthread_cancel() or pthread_exit() reached a function "
            "that is noexcept");
    }
    builder.signal()
        .derived("the frame of std::terminate is on the stack")
        .with("function", frame_words(crash, thrower ? *thrower + 1 : from));
    if (search.several) builder.derived("several exception objects are on the stack: which one was thrown last is not known");
    else if (thrower && crash.function(*thrower) == "__cxa_rethrow") builder.derived("`throw;` found no exception that is being handled");
    else if (thrower) builder.derived("an exception was thrown, but its object was not found in the dump");
    else builder.derived("no exception is on the stack");
    builder.help("a std::thread that was not joined, a throw without an exception, or a noexcept function that threw");
    return builder.build();
}

// "core::panicking::panic_fmt" in either of Rust's ways of mangling.
bool is_panic(std::string_view name) {
    return name == "rust_begin_unwind" || name == "rust_panic" || name.find("9panicking") != std::string_view::npos ||
        name.find("rust_panic_with_hook") != std::string_view::npos;
}

struct RustPlace {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint64_t address = 0;
    std::uint64_t slot = 0;
};

// core::panic::Location: { file: &str, line: u32, column: u32 }. A reference to it is passed down all frames of the panic.
std::optional<RustPlace> rust_place(const core::Crash& crash, std::uint64_t from, std::uint64_t to) {
    const core::Memory& memory = crash.process.memory;
    std::optional<RustPlace> found;
    constexpr std::uint64_t most = 1 << 16;
    for (std::uint64_t slot = from; slot < to && slot - from < most; slot += 8) {
        auto address = memory.word(slot);
        const core::Region* region = address ? memory.region_at(*address) : nullptr;
        if (region == nullptr || region->executable()) continue;
        auto text = memory.word(*address);
        auto length = memory.word(*address + 8);
        auto line = memory.number(*address + 16, 4);
        auto column = memory.number(*address + 20, 4);
        if (!text || !length || !line || !column || *length < 4 || *length > 4096 || *line == 0 || *line > 10'000'000 || *column == 0 ||
            *column > 100'000)
            continue;
        std::vector<std::byte> bytes = memory.read_some(*text, *length);
        std::string_view file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (bytes.size() != *length || !file.ends_with(".rs") || text::printable(file) != file) continue;
        RustPlace place{std::string(file), static_cast<std::uint32_t>(*line), static_cast<std::uint32_t>(*column), *address, slot};
        if (found && found->address != place.address) return std::nullopt;   // which of them is not known
        if (!found) found = place;
    }
    return found;
}

std::optional<Cause> panicked(Ask ask) {
    core::Crash& crash = ask.crash;
    std::optional<std::size_t> last;
    for (std::size_t i = 0; i < crash.stack.items.size() && i < 128; ++i) {
        if (is_panic(crash.function(i))) last = i;
    }
    if (!last) return std::nullopt;
    CauseBuilder builder(RuleId::CRASH_RUST_PANIC, crash);
    builder.signal().derived(fmt::format("{} is on the stack", crash.function(*last)));
    builder.with("function", frame_words(crash, *last + 1));
    // The innermost functions of the panic hold it in their frames or saved registers.
    std::uint64_t from = crash.stack.items.front().frame.sp;
    std::uint64_t to = *last + 1 < crash.stack.items.size() ? crash.stack.items[*last + 1].frame.sp : from;
    if (auto place = rust_place(crash, from, to)) {
        std::string words = fmt::format("{}:{}:{}", place->file, place->line, place->column);
        builder.memory(place->address, 24, fmt::format("the panic's Location: {}", words)).with("place", " at " + words);
    } else {
        builder.with("place", std::string());
        builder.derived("the panic's Location was not found on the stack");
    }
    builder.reject("a signal from outside", "the process sent it to itself, in the panic's frames");
    builder.help("RUST_BACKTRACE=1 PROGRAM", finding::FixKind::environment);
    return builder.build();
}

// The last of the frames that only lead to abort(): a sanitizer's stands in front of it, and libstdc++'s assertions (_GLIBCXX_ASSERTIONS)
// end in a function that the template which checks has called.
std::size_t behind_library(core::Crash& crash, std::size_t abort) {
    auto next_starts = [&](std::initializer_list<std::string_view> prefixes) {
        return abort + 2 < crash.stack.items.size() &&
            std::ranges::any_of(prefixes, [&](std::string_view prefix) { return crash.function(abort + 1).starts_with(prefix); });
    };
    while (abort + 2 < crash.stack.items.size() && crash.function(abort + 1).ends_with("_interceptor_abort")) ++abort;
    if (!next_starts({"_ZSt21__glibcxx_assert_fail"})) return abort;
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

// A stripped program: the frames behind abort() have no names, but the panic's Location is in them.
std::optional<Cause> panicked_without_names(Ask ask, std::size_t abort) {
    core::Crash& crash = ask.crash;
    if (abort + 2 >= crash.stack.items.size() || !crash.function(abort + 1).empty()) return std::nullopt;
    constexpr std::size_t most_frames = 16;
    std::size_t last = std::min(abort + most_frames, crash.stack.items.size() - 1);
    auto place = rust_place(crash, crash.stack.items[abort + 1].frame.sp, crash.stack.items[last].frame.sp);
    const core::Module* module = crash.process.module_at(crash.stack.items[abort + 1].frame.lookup_pc());
    if (!place || module == nullptr) return std::nullopt;
    std::string words = fmt::format("{}:{}:{}", place->file, place->line, place->column);
    CauseBuilder builder(RuleId::CRASH_RUST_PANIC, crash);
    builder.signal().memory(place->address, 24, fmt::format("a panic's Location on the stack: {}", words));
    builder.with("function", fmt::format("a function of {}, which has no names,", module->name())).with("place", " at " + words);
    builder.confidence(Confidence::likely, "the frames between it and abort() have no names");
    builder.reject("a signal from outside", "the process sent it to itself, in abort()");
    builder.help("RUST_BACKTRACE=1 PROGRAM", finding::FixKind::environment);
    return builder.build();
}

}  // namespace

std::optional<Cause> language_abort(Ask ask) {
    core::Crash& crash = ask.crash;
    if (crash.behind || crash.signal.number != core::sigabrt) return std::nullopt;
    if (!crash.sent_by_itself(crash.signal)) {
        if (!crash.signal.complete) ask.missing.emplace_back("without NT_SIGINFO it is not known who sent SIGABRT");
        return std::nullopt;
    }
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
    if (auto cause = panicked_without_names(ask, *abort)) return cause;
    std::string check = *abort + 2 < crash.stack.items.size() ? crash.function(*abort + 1) : std::string();
    bool overflow = is_overflow_check(check);
    if (overflow) ++*abort;
    CauseBuilder builder(RuleId::CRASH_ABORT, crash);
    if (overflow) {
        builder.derived(fmt::format("{} is libgcc's: a signed integer overflowed, and the code is built with -ftrapv", check));
        builder.help("look at the arithmetic of that line: an operand is too large for its type");
    }
    builder.signal()
        .derived("the frame of abort is on the stack, and no library left a text")
        .with("function", frame_words(crash, *abort + 1));
    builder.reject("a signal from outside", "the process sent it to itself");
    builder.help("look at the function that calls abort(), in the backtrace; its message may be in the program's log");
    return builder.build();
}

}  // namespace abiscope::rules
