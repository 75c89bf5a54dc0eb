// abort(), by a library that found something wrong and left its words in memory.
#include <algorithm>

#include <fmt/format.h>

#include "core/spec.h"
#include "elf/symbols.h"
#include "rules/c_library_names.h"
#include "rules/crash_builder.h"
#include "rules/crash_heap.h"

namespace abiscope::rules {

namespace {

struct AbortText {
    std::string text;
    std::uint64_t address = 0;
};

// glibc, stdlib/abort.c and sysdeps/posix/libc_fatal.c: __abort_msg points to { unsigned size; char msg[]; }.
std::optional<AbortText> abort_text(core::Crash& crash) {
    const core::Process& process = crash.process;
    for (const core::Module& module : process.modules) {
        if (!module.image) continue;
        std::uint64_t variable = crash.symbols.dynamic_symbol(module, "__abort_msg");
        if (variable == 0 && module.is_program) {
            // A static program has it in .symtab, unless that was stripped.
            elf::SymbolTable symbols = elf::static_symbols(*module.image, module.sections());
            for (std::uint64_t i = 0; i < symbols.size() && variable == 0; ++i) {
                if (symbols.is_named(i, "__abort_msg") && symbols.unnamed_at(i).defined())
                    variable = symbols.unnamed_at(i).value + module.bias;
            }
        }
        if (variable == 0) continue;
        auto record = process.memory.word(variable);
        if (!record || *record == 0) continue;
        auto text = process.memory.c_string(*record + 4, 4096);
        if (!text || text->empty()) continue;
        while (text->ends_with('\n')) text->pop_back();
        return AbortText{*text, *record + 4};
    }
    return std::nullopt;
}

// glibc, malloc/malloc.c: what malloc_printerr() is called with.
constexpr std::string_view heap_texts[] = {
    "free(): ",
    "malloc(): ",
    "malloc_consolidate(): ",
    "malloc_check_get_size: ",
    "double free or corruption",
    "realloc(): ",
    "corrupted",
    "munmap_chunk(): ",
    "mremap_chunk(): ",
    "malloc: ",
    "_int_memalign(): ",
    "sysmalloc: ",
    "break adjusted to free malloc space",
    "arena: ",
    "tcache_",
    "top chunk is corrupted",
};

// Where the frames of the abort() begin that left the text: a handler of its SIGABRT may have run on top of it.
std::size_t first_of_abort(core::Crash& crash) {
    auto handled = crash.signal_frame();
    if (!handled || *handled + 1 >= crash.stack.items.size()) return 0;
    return is_c_function(crash.function(*handled + 1), raises_signals) ? *handled + 1 : 0;
}

// The first frame that is none of the C library's. A static program has that in itself: there its functions tell.
std::size_t first_outside(core::Crash& crash) {
    std::size_t first = first_of_abort(crash);
    bool in_program = false;
    for (std::size_t i = first; i < crash.stack.items.size(); ++i) {
        const core::Module* module = crash.process.module_at(crash.stack.items[i].frame.lookup_pc());
        if (module == nullptr) return i;
        if (i == first) in_program = module->is_program;
        bool library = module->name().starts_with("libc.so") || module->name().starts_with("libc-") ||
            module->name().starts_with("libpthread") || module->path == "[vdso]";
        if (!library && !(in_program && module->is_program && is_c_function(crash.function(i), leads_to_abort))) return i;
    }
    return crash.stack.items.size();
}

// The last frame of the check itself; a static program's has other names than that of the shared library.
std::optional<std::size_t> canary_check(core::Crash& crash, std::size_t outside) {
    for (std::size_t i = outside; i-- > 0;) {
        if (crash.function(i).starts_with("__stack_chk_fail")) return i;
    }
    return std::nullopt;
}

std::string frame_words(core::Crash& crash, std::size_t index) {
    if (index >= crash.stack.items.size()) return "an unknown function";
    return place_words(crash, crash.stack.items[index].frame.lookup_pc());
}

std::string caller_words(core::Crash& crash, std::string_view callee) {
    auto found = crash.find_frame(callee);
    return frame_words(crash, found ? *found + 1 : first_outside(crash));
}

CauseBuilder begin(RuleId rule, core::Crash& crash, const AbortText& abort) {
    CauseBuilder builder(rule, crash);
    builder.signal().memory(abort.address, abort.text.size(), fmt::format("__abort_msg: \"{}\"", abort.text));
    builder.with("text", abort.text);
    builder.reject("a signal from outside", "the process sent it to itself");
    return builder;
}

Cause smashed(core::Crash& crash, const AbortText& abort) {
    CauseBuilder builder = begin(RuleId::CRASH_STACK_SMASHED, crash, abort);
    std::size_t outside = first_outside(crash);
    auto check = canary_check(crash, outside);
    builder.with("function", frame_words(crash, check ? *check + 1 : outside));
    if (!check)
        builder.confidence(Confidence::likely,
                           "the frame of __stack_chk_fail was not found: the function is the first outside the C library");
    builder.derived("the canary of that function's frame was changed before it returned");
    builder.help("an array of this function is written past its end: -fsanitize=address names it");
    return builder.build();
}

Cause fortified(core::Crash& crash, const AbortText& abort) {
    CauseBuilder builder = begin(RuleId::CRASH_FORTIFIED, crash, abort);
    std::size_t outside = first_outside(crash);
    std::string check;
    for (std::size_t i = 0; i < outside; ++i) {
        const std::string& name = crash.function(i);
        if (name.ends_with("_chk")) check = name;
    }
    builder.with("function", frame_words(crash, outside)).with("check", check.empty() ? "a checked function" : check);
    builder.help("the call writes more than its destination holds: bound the length (snprintf, memcpy with the size of the destination)");
    return builder.build();
}

Cause heap(core::Crash& crash, const AbortText& abort) {
    CauseBuilder builder = begin(RuleId::CRASH_HEAP_CORRUPTED, crash, abort);
    std::string function = frame_words(crash, first_outside(crash));
    builder.with("function", function);
    HeapWords words = tell_heap(builder, crash, abort.text);
    bool sound = words == HeapWords::sound;
    // malloc/malloc.c: said of the pointer itself, before a list is touched.
    constexpr std::string_view of_pointer[] = {"free(): invalid pointer", "munmap_chunk(): invalid pointer", "realloc(): invalid pointer",
                                               "double free or corruption (out)", "free(): invalid size"};
    if (sound && std::ranges::find(of_pointer, abort.text) != std::end(of_pointer)) {
        builder.derived(
            "nothing else is wrong with malloc's records: the pointer is not one that malloc() gave, or its block is gone already");
        builder.help(
            fmt::format("look at the pointer that {} passes: it has to be what malloc() returned, unchanged; not on the stack, not a "
                        "constant, not of another allocator, and freed once",
                        function));
    } else if (words == HeapWords::no_heap && abort.text.ends_with(": invalid pointer")) {
        // malloc/malloc.c: the pointer is not aligned, or the word in front of it is no size of a chunk.
        builder.derived(
            "no list of malloc's was touched: the pointer is not one that malloc() gave, or what lies in front of it was overwritten");
        builder.help(fmt::format("look at the pointer that {} passes: a variable, a constant, of another allocator?", function));
    } else if (!sound) {
        builder.derived("malloc found its own records inconsistent; what damaged them happened before, maybe elsewhere");
    }
    builder.help("valgrind PROGRAM", finding::FixKind::command);
    builder.help("a build with -fsanitize=address stops where the damage is done");
    return builder.build();
}

}  // namespace

std::optional<Cause> library_abort(Ask ask) {
    core::Crash& crash = ask.crash;
    if (crash.behind || crash.signal.number != core::sigabrt) return std::nullopt;
    auto abort = abort_text(crash);
    if (!abort) return std::nullopt;
    const std::string& text = abort->text;
    if (text.find("*** stack smashing detected ***") != std::string::npos) return smashed(crash, *abort);
    if (text.find("*** buffer overflow detected ***") != std::string::npos) return fortified(crash, *abort);
    if (text.find("Assertion `") != std::string::npos) {
        CauseBuilder builder = begin(RuleId::CRASH_ASSERT, crash, *abort);
        builder.with("function", caller_words(crash, "__assert_fail"));
        builder.help("the condition in the text did not hold: look at what made it false");
        return builder.build();
    }
    if (std::ranges::any_of(heap_texts, [&](std::string_view start) { return text.starts_with(start); })) return heap(crash, *abort);
    CauseBuilder builder = begin(RuleId::CRASH_LIBRARY_ABORT, crash, *abort);
    builder.with("function", frame_words(crash, first_outside(crash)));
    builder.help("the C library's text says what it found");
    return builder.build();
}

}  // namespace abiscope::rules
