// C++: std::terminate, for an exception that nobody catches and for other reasons.
#include <algorithm>

#include <fmt/format.h>

#include "disasm/decoder.h"
#include "rules/c_library_names.h"
#include "rules/crash_builder.h"
#include "rules/crash_language.h"
#include "rules/cxx_exception.h"
#include "rules/evaluate_call.h"

namespace abiscope::rules {

namespace {

constexpr std::uint64_t what_slot = 16;   // in a virtual table, behind the two destructors

// Whether what() of the object's class is the one that returns the kept text.
bool tells_own_text(core::Crash& crash, const CxxObject& exception) {
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

// Those behind the first throw an exception once more; the names of std::rethrow_exception() are libstdc++'s and libc++'s.
constexpr std::string_view throwing[] = {"__cxa_throw", "__cxa_rethrow", "_ZSt17rethrow_exceptionNSt15__exception_ptr13exception_ptrE",
                                         "_ZSt17rethrow_exceptionSt13exception_ptr"};

std::optional<std::size_t> thrower_behind(core::Crash& crash, std::size_t terminate) {
    std::optional<std::size_t> first;
    for (std::string_view name : throwing) {
        auto frame = crash.find_frame(name, terminate);
        if (frame && (!first || *frame < *first)) first = frame;
    }
    return first;
}

// What compilers call where an exception meets a function that lets none out. clang's has no name in a stripped program: it enters the
// handler (__cxa_begin_catch), calls std::terminate, and does nothing else.
bool ends_for_exception(core::Crash& crash, std::size_t frame) {
    if (frame >= crash.stack.items.size()) return false;
    const std::string& name = crash.function(frame);
    if (!name.empty()) return name == "__clang_call_terminate" || name == "__cxa_call_terminate" || name == "__cxa_call_unexpected";
    std::uint64_t pc = crash.stack.items[frame].frame.lookup_pc();
    const core::Module* module = crash.process.module_at(pc);
    auto unwinding = module != nullptr ? module->unwinding_at(pc - module->bias, crash.process.files.get()) : std::nullopt;
    constexpr std::uint64_t most = 32;
    if (!unwinding || unwinding->entry.size > most) return false;
    std::uint64_t at = unwinding->entry.start + module->bias;
    int calls = 0;
    while (at <= pc) {
        auto one = core::decode_at(crash.process, at);
        if (!one || one->length() == 0) return false;
        if (one->flow.branch == disasm::BranchKind::call) ++calls;
        else if (one->flow.branch != disasm::BranchKind::none) return false;
        at += one->length();
    }
    return calls == 2;
}

// What what() returns, which is what std::terminate's handler prints.
struct Told {
    std::string text;
    std::uint64_t address = 0;
};

std::optional<Told> told_by_code(const core::Crash& crash, const CxxObject& exception) {
    const core::Memory& memory = crash.process.memory;
    auto table = exception.standard != 0 ? memory.word(exception.standard) : std::nullopt;
    auto function = table ? memory.word(*table + what_slot) : std::nullopt;
    auto address = function ? evaluate_call(crash.process, *function, exception.standard) : std::nullopt;
    auto text = address ? memory.c_string(*address, 4096) : std::nullopt;
    if (!text || text->empty()) return std::nullopt;
    return Told{std::move(*text), *address};
}

// Type and text of an object that was thrown, as facts; the words behind its type.
std::string tell_object(CauseBuilder& builder, core::Crash& crash, const CxxObject& exception) {
    builder.memory(exception.type_name_address, exception.type.size(), fmt::format("the name in its type information: {}", exception.type));
    std::string pointed = exception.pointed.empty() ? std::string() : fmt::format(" to an object of _ZTI{}", exception.pointed);
    if (auto told = told_by_code(crash, exception)) {
        builder.memory(told->address, told->text.size(), fmt::format("what(), by its code: \"{}\"", told->text));
        return pointed + fmt::format(": {}", told->text);
    }
    if (!exception.what) return pointed;
    // A class may make another text of the one that its base class keeps.
    bool own_words = tells_own_text(crash, exception);
    if (exception.what_address != 0) {
        std::string which = own_words ? "what()" : "the text that its base class keeps, of which its own what() makes another";
        builder.memory(exception.what_address, exception.what->size(), fmt::format("{}: \"{}\"", which, *exception.what));
    }
    return pointed +
        (own_words ? fmt::format(": {}", *exception.what) : fmt::format(" (its base class keeps the text \"{}\")", *exception.what));
}

std::string tell_exception(CauseBuilder& builder, core::Crash& crash, const CxxException& exception) {
    builder.memory(exception.header + 80, 8, "the class of the exception in its header: C++");
    std::string words = tell_object(builder, crash, exception);
    for (const CxxObject& inner : exception.nested) {
        std::string text = tell_object(builder, crash, inner);
        words += fmt::format("; nested in it is _ZTI{}{}", inner.type, text);
    }
    return words;
}

// Functions that throw on behalf of their caller: those of the library's own file and, where that is part of the program, std::__throw_*,
// operator new and what dynamic_cast calls.
bool throws_for_caller(core::Crash& crash, std::size_t frame) {
    const core::Module* module = crash.process.module_at(crash.stack.items[frame].frame.lookup_pc());
    if (module != nullptr && (module->name().starts_with("libstdc++.") || module->name().starts_with("libc++."))) return true;
    std::string_view name = crash.function(frame);
    return name.starts_with("__cxa_") || name.starts_with("_Znwm") || name.starts_with("_Znam") ||
        (name.starts_with("_ZSt") && name.find("__throw_") != std::string_view::npos);
}

Cause uncaught(core::Crash& crash, const CxxException& exception, std::size_t ended, std::optional<std::size_t> thrower,
               std::string_view doubt) {
    CauseBuilder builder(RuleId::CRASH_UNCAUGHT_EXCEPTION, crash);
    builder.signal();
    std::string what = tell_exception(builder, crash, exception);
    builder.with("type", "_ZTI" + exception.type).with("what", std::move(what));
    if (thrower) {
        std::string_view how = crash.function(*thrower) == throwing[0] ? "thrown" : "thrown once more";
        std::size_t caller = *thrower + 1;
        std::string where = fmt::format("{} in {}", how, frame_words(crash, caller));
        while (caller + 1 < crash.stack.items.size() && throws_for_caller(crash, caller)) ++caller;
        if (caller != *thrower + 1) where += ", called by " + frame_words(crash, caller);
        builder.with("where", std::move(where));
    } else {
        if (ended < crash.stack.items.size() && ends_for_exception(crash, ended)) ++ended;
        builder.with("where", "which ended in " + frame_words(crash, ended));
    }
    if (!doubt.empty()) builder.confidence(Confidence::likely, std::string(doubt));
    builder.reject("a signal from outside", "the process sent it to itself, in std::terminate()");
    builder.help("catch it where it can be dealt with; a noexcept function or a destructor on its way ends the program, too");
    return builder.build();
}

// The destructor and the assignment of a std::thread that is joinable, of libstdc++ (thread.h) and libc++ (__thread/thread.h).
std::string_view thread_words(std::string_view function) {
    constexpr std::string_view ends[] = {"_ZNSt6threadD1Ev", "_ZNSt6threadD2Ev", "_ZNSt3__16threadD1Ev", "_ZNSt3__16threadD2Ev"};
    if (std::ranges::find(ends, function) != std::end(ends)) return "a std::thread was destroyed that is neither joined nor detached";
    if (function == "_ZNSt6threadaSEOS_" || function == "_ZNSt3__16threadaSEOS0_")
        return "a std::thread was assigned to that is neither joined nor detached";
    return {};
}

}  // namespace

std::optional<Cause> pure_virtual(core::Crash& crash) {
    auto pure = crash.find_frame("__cxa_pure_virtual");
    if (!pure) return std::nullopt;
    CauseBuilder builder(RuleId::CRASH_PURE_VIRTUAL, crash);
    builder.signal().derived("the frame of __cxa_pure_virtual is on the stack").with("function", frame_words(crash, *pure + 1));
    builder.help(
        "a constructor or destructor of the base class, or a pointer to an object that is destroyed, calls a function that only derived classes have");
    return builder.build();
}

std::optional<Cause> terminated(Ask ask, std::size_t terminate) {
    core::Crash& crash = ask.crash;
    auto thrower = thrower_behind(crash, terminate);
    bool for_exception = thrower || ends_for_exception(crash, terminate + 1);
    ThreadExceptions own = thread_exceptions(crash);
    ExceptionSearch search;
    std::string_view doubt;
    if (for_exception) {
        if (!thrower) doubt = "the frame that threw is not on the stack any more";
        if (own.exception) {
            search.exception = own.exception;
        } else {
            search = find_exception(crash, thrower.value_or(terminate + 1));
            // What threw is gone, and which exceptions are the thread's own is not known.
            if (!search.exception && !search.several && !thrower && crash.process.notes.threads.size() == 1) {
                search = find_handled_exception(crash);
                doubt = "the frame that threw is gone: it is the exception on the heap that was being handled last";
            }
        }
    }
    if (search.exception) return uncaught(crash, *search.exception, terminate + 1, thrower, doubt);
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
    std::string function = frame_words(crash, thrower ? *thrower + 1 : from);
    builder.signal().derived("the frame of std::terminate is on the stack").with("function", function);
    std::string_view thread = from < crash.stack.items.size() && !thrower ? thread_words(crash.function(from)) : std::string_view();
    if (!thread.empty()) builder.derived(std::string(thread));
    if (search.several) {
        builder.derived("several exception objects are on the stack: which one was thrown last is not known");
    } else if (thrower && crash.function(*thrower) == "__cxa_rethrow") {
        builder.derived("`throw;` found no exception that is being handled");
    } else if (thrower) {
        builder.derived("an exception was thrown, but its object was not found in the dump");
    } else if (own.exception) {
        std::string what = tell_exception(builder, crash, *own.exception);
        builder.derived(
            fmt::format("the thread was handling that exception{}: it had been caught, and is not why std::terminate was called, unless "
                        "that handler did it",
                        what));
        builder.reject("an exception that nobody catches",
                       "neither a throw nor the end of a function that lets none out called std::terminate");
    } else {
        builder.derived(own.known ? "the thread was handling no exception" : "no exception is on the stack");
    }
    if (!thread.empty()) builder.help("join() or detach() the thread before; std::jthread joins in its destructor");
    else builder.help("a std::thread that was not joined, a throw without an exception, or a noexcept function that threw");
    return builder.build();
}

}  // namespace abiscope::rules
