#include "rules/crash_bucket.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "core/spec.h"

namespace abiscope::rules {

namespace {

// Functions that end a program, report its end or start it: which of them are on the stack says nothing of the defect.
constexpr std::array plumbing_prefixes = {
    "std::",   "core::", "alloc::",    "__gnu_cxx::", "__cxxabiv1::",      "__cxa_",
    "__libc_", "__GI_",  "__pthread_", "__assert",    "__fortify_",        "__stack_chk_",
    "__rust",  "rust_",  "runtime.",   "runtime/",    "internal/runtime/", "_int_",
    "_dl_",    "_start", "_Unwind_",   "__asan",      "__hwasan",          "__tsan",
    "__msan",  "__lsan", "__ubsan",    "__sanitizer", "__interceptor_",    "___interceptor_",
};
constexpr std::array plumbing_names = {
    "abort",
    "raise",
    "gsignal",
    "tgkill",
    "kill",
    "pthread_kill",
    "start_thread",
    "clone",
    "clone3",
    "malloc_printerr",
    "__chk_fail",
    "crosscall2",
    "threadentry",
    "free",
    "malloc",
    "realloc",
    "calloc",
    "ld.so",
    "x_cgo_thread_start",
    "asmcgocall",
    "cgocallback",
    "__restore_rt",
};
// The libraries that such functions are in.
constexpr std::array plumbing_modules = {"libc.so",  "libc-",     "libpthread", "ld-linux",   "ld-musl", "ld-",
                                         "libgcc_s", "libstdc++", "libc++",     "linux-vdso", "[vdso]"};

// Arguments of a cause that are the same in every run of the same defect.
constexpr std::array lasting_arguments = {"offset", "kind", "feature", "field", "call", "check", "type", "segment", "operand"};

bool is_plumbing(std::string_view name, std::string_view module) {
    auto starts = [](std::string_view text) { return [text](std::string_view prefix) { return text.starts_with(prefix); }; };
    return std::ranges::any_of(plumbing_prefixes, starts(name)) || std::ranges::find(plumbing_names, name) != plumbing_names.end() ||
        std::ranges::any_of(plumbing_modules, starts(module));
}

// The FNV-1a hash of 64 bits (Fowler, Noll, Vo): the id only has to be the same everywhere and short.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3;
    return hash;
}

bool is_hash(std::string_view text) {   // "h0123456789abcdef", the end of a Rust symbol
    return text.size() == 17 && text.front() == 'h' &&
        std::ranges::all_of(text.substr(1), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

// Drops what stands in matching brackets.
std::string without_brackets(std::string_view name, char open, char close) {
    std::string out;
    int depth = 0;
    for (char c : name) {
        if (c == open) ++depth;
        if (depth == 0) out += c;
        if (c == close && depth > 0) --depth;
    }
    return depth == 0 ? out : std::string(name);
}

std::string cause_words(const Diagnosis& diagnosis, const core::SignalInfo& signal) {
    if (!diagnosis.cause) return fmt::format("unknown {}", core::signal_name(signal.number));
    const finding::Finding& finding = diagnosis.cause->finding;
    std::string out(finding::rule(finding.rule()).name);
    for (const finding::NamedArgument& argument : finding.arguments()) {
        if (std::ranges::find(lasting_arguments, argument.name) == lasting_arguments.end()) continue;
        if (const auto* text = std::get_if<std::string>(&argument.value)) out += fmt::format(" {} {}", argument.name, *text);
        if (const auto* number = std::get_if<std::uint64_t>(&argument.value)) out += fmt::format(" {} {}", argument.name, *number);
    }
    return out;
}

}  // namespace

std::string stable_name(std::string_view name) {
    // Go's receivers and closures are part of the name; its type arguments are not.
    bool go =
        name.find('.') != std::string_view::npos && name.find("::") == std::string_view::npos && name.find(' ') == std::string_view::npos;
    if (name.find("operator") != std::string_view::npos) return std::string(name.substr(0, name.find(" [clone")));
    if (go && (name.find("(*") != std::string_view::npos || name.find("[") != std::string_view::npos))
        return without_brackets(name, '[', ']');
    std::string out(name.substr(0, name.find(" [clone")));
    constexpr std::string_view anonymous = "(anonymous namespace)";
    for (std::size_t at = out.find(anonymous); at != std::string::npos; at = out.find(anonymous))
        out.replace(at, anonymous.size(), "{anonymous}");
    if (std::size_t last = out.rfind("::"); last != std::string::npos && is_hash(std::string_view(out).substr(last + 2))) out.resize(last);
    if (out.starts_with('<')) {   // Rust: <T as Trait>::method
        out = without_brackets(out, '(', ')');
    } else {
        out = without_brackets(without_brackets(out, '<', '>'), '(', ')');
        while (out.ends_with(" const") || out.ends_with(' ') || out.ends_with('&'))
            out.resize(out.ends_with(" const") ? out.size() - 6 : out.size() - 1);
        if (std::size_t type = out.rfind(' '); type != std::string::npos) out.erase(0, type + 1);
    }
    for (std::string_view suffix : {".constprop", ".isra", ".part", ".cold", ".lto_priv", ".llvm", ".specialized", ".resume", ".__uniq"}) {
        if (std::size_t at = out.find(suffix); at != std::string::npos && at != 0) out.resize(at);
    }
    return out;
}

std::optional<Bucket> bucket_of(core::Crash& crash, const Diagnosis& diagnosis,
                                const std::function<std::string(std::string_view)>& readable) {
    Bucket out;
    out.cause = cause_words(diagnosis, crash.fault.signal);
    std::vector<std::string> nameless;
    auto keep = [&](std::string name, std::size_t item) {
        if (out.frames.empty()) out.first_item = item;
        out.frames.push_back(std::move(name));
    };
    auto add = [&](const std::string& linkage, const core::Location& location, std::size_t item) {
        std::string_view module = location.module != nullptr ? location.module->name() : std::string_view();
        if (linkage.empty()) {
            std::uint64_t pc = crash.stack.items[item].frame.pc;
            bool counts = location.module != nullptr && !is_plumbing({}, module) && nameless.size() < most_bucket_frames;
            if (counts) nameless.push_back(fmt::format("{}+{:#x}", module, pc - location.module->start));
            return;
        }
        std::string name = stable_name(readable(linkage));
        // What a sanitizer's check calls is the sanitizer's, whatever its name.
        if (name.starts_with("__ubsan_handle_")) out.frames.clear();
        if (!is_plumbing(name, module) && (out.frames.empty() || out.frames.back() != name)) keep(std::move(name), item);
    };
    constexpr std::size_t most_looked_at = 256;
    for (std::size_t i = crash.fault_frame; i < crash.stack.items.size() && i < crash.fault_frame + most_looked_at; ++i) {
        if (out.frames.size() >= most_bucket_frames) break;
        const core::StackItem& item = crash.stack.items[i];
        if (item.frame.signal) {
            // What handled a signal comes after the defect, what it interrupted is nearer to it.
            out.frames.clear();
            nameless.clear();
            continue;
        }
        const core::Location& location = crash.symbols.at(item.frame.lookup_pc());
        if (item.repeats != 0) {
            // A cycle may be met at any of its functions: the first by name stands for it.
            std::string first;
            std::vector<std::string> cycle;
            std::size_t end = std::min<std::size_t>(i + item.cycle, crash.stack.items.size());
            for (std::size_t k = i; k < end; ++k) {
                std::string name = stable_name(readable(crash.symbols.at(crash.stack.items[k].frame.lookup_pc()).function));
                if (first.empty() || (!name.empty() && name < first)) first = name;
                cycle.push_back(std::move(name));
            }
            // Where in it the stack ended is chance.
            std::erase_if(out.frames, [&](const std::string& frame) { return std::ranges::find(cycle, frame) != cycle.end(); });
            if (!first.empty()) keep(first + " (recursion)", i);
            i = end == i ? i : end - 1;
            continue;
        }
        for (const core::Location::Inlined& one : location.inlined) add(one.function, location, i);
        add(location.function, location, i);
    }
    if (out.frames.empty()) {
        // Names are what another build keeps; without any, the place that the program itself keeps of a panic tells one defect from
        // another.
        out.frames = std::move(nameless);
        if (diagnosis.cause) {
            for (const finding::NamedArgument& argument : diagnosis.cause->finding.arguments()) {
                const auto* place = std::get_if<std::string>(&argument.value);
                if (argument.name == "place" && place != nullptr && !out.frames.empty()) out.frames.insert(out.frames.begin(), *place);
            }
        }
    }
    if (out.frames.empty()) return std::nullopt;
    if (out.frames.size() > most_bucket_frames) out.frames.resize(most_bucket_frames);
    std::string all = out.cause;
    for (const std::string& frame : out.frames) all += "|" + frame;
    out.id = fmt::format("{:016x}", hash_of(all));
    return out;
}

}  // namespace abiscope::rules
