// Rust: panics that end in abort(), by the names of their frames or, where there are none, by what they leave on the stack.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "rules/crash_builder.h"
#include "rules/crash_language.h"

namespace abiscope::rules {

namespace {

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

}  // namespace

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

}  // namespace abiscope::rules
