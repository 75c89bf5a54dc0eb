// abort() by the runtime of a sanitizer, behind its report. AddressSanitizer keeps the report's text in memory; the others print theirs,
// and leave the functions that made it on the stack.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/endian.h"
#include "core/spec.h"
#include "elf/spec.h"
#include "rules/crash_sanitizer.h"
#include "rules/crash_trace.h"
#include "rules/sanitizer_names.h"

namespace abiscope::rules {

namespace {

constexpr std::size_t most_frames = 32;
constexpr std::uint64_t most_searched = 16 << 20;   // bytes of the runtime's variables
constexpr std::size_t most_candidates = 256;        // pointers to what begins as a report does

bool is_interceptor(std::string_view name) { return name.starts_with("__interceptor_") || name.starts_with("___interceptor_"); }

// A thread's first function is on every stack of it.
bool starts_threads(std::string_view name) {
    return name.find("thread_start") != std::string_view::npos || name.find("11ThreadStart") != std::string_view::npos;
}

// Functions that are in no namespace have a type of it among their parameters ("handleShiftOutOfBoundsImpl(__ubsan::...").
bool mentions(std::string_view name, std::string_view space) {
    return name.starts_with("_Z") && name.find(space) != std::string_view::npos;
}

const Sanitizer* owner(std::string_view name) {
    auto all = sanitizers();
    auto found = std::ranges::find_if(all, [&](const Sanitizer& one) { return mentions(name, one.space) || name.starts_with(one.prefix); });
    return found == all.end() || starts_threads(name) ? nullptr : &*found;
}

bool is_runtime(std::string_view name) {
    return owner(name) != nullptr || mentions(name, "11__sanitizer") || name.starts_with("__sanitizer_") || is_interceptor(name);
}

// What compiled code calls when a check failed; it does not come back.
bool is_report(std::string_view name) {
    return name.starts_with("__ubsan_handle_") || name.starts_with("__asan_report_") || name.starts_with("__msan_warning");
}

// The runtime within a module, by what it exports; null: there is none.
const Sanitizer* runtime_in(core::Crash& crash, const core::Module& module) {
    for (const Sanitizer& one : sanitizers()) {
        if (crash.symbols.dynamic_symbol(module, one.marker) != 0) return &one;
    }
    return nullptr;
}

// The text that every runtime makes its last line with (compiler-rt, sanitizer_symbolizer_report.cpp).
bool holds_texts(const core::Module& module) {
    constexpr std::uint64_t most_text = 64 << 20;
    std::string_view file = module.image->bytes().as_text().substr(0, most_text);
    return file.find("SUMMARY: %s: %s") != std::string_view::npos;
}

struct Runtime {
    const core::Module* module = nullptr;
    const Sanitizer* sanitizer = nullptr;
};

// Frames of the runtime on the stack: from the one that called abort() to the one that the program called.
struct Frames {
    std::size_t first = 0;
    std::size_t entry = 0;
    bool named = false;                // abort() was called by a function that is known to be the runtime's
    bool reporting = false;            // the program called one that does nothing but report
    const Sanitizer* sanitizer = nullptr;

    [[nodiscard]] bool certain() const { return named || reporting; }
};

// The frame that called abort(), which a sanitizer may have put a function of its own in front of.
std::optional<std::size_t> abort_caller(core::Crash& crash) {
    auto abort = crash.find_frame("abort");
    if (!abort) return std::nullopt;
    std::size_t caller = *abort + 1;
    while (caller < crash.stack.items.size() && is_interceptor(crash.function(caller))) ++caller;
    return caller < crash.stack.items.size() ? std::optional(caller) : std::nullopt;
}

Frames runtime_frames(core::Crash& crash, const Runtime& runtime, std::size_t caller) {
    const auto& items = crash.stack.items;
    Frames out{.first = caller, .entry = caller};
    auto within = [&](std::size_t i) {
        return i < items.size() && !items[i].frame.signal && crash.process.module_at(items[i].frame.lookup_pc()) == runtime.module;
    };
    for (std::size_t i = caller; within(i) && i < caller + most_frames; ++i) {
        const std::string& name = crash.function(i);
        if (starts_threads(name)) break;
        if (!runtime.module->is_program || is_runtime(name)) {
            out.entry = i;
            out.named = out.named || i == caller;
            if (out.sanitizer == nullptr) out.sanitizer = owner(name);
            out.reporting = out.reporting || is_report(name);
            if (is_report(name) && (!within(i + 1) || !is_runtime(crash.function(i + 1)))) break;
            continue;
        }
        if (!name.empty()) break;
    }
    // operator delete and free() are the runtime's, too, under the names that everybody calls.
    while (out.named && within(out.entry + 1)) {
        const std::string& next = crash.function(out.entry + 1);
        if (next != "free" && next != "realloc" && !next.starts_with("_Zd") && !is_interceptor(next)) break;
        ++out.entry;
    }
    return out;
}

// A report: "==PID==ERROR: AddressSanitizer: heap-use-after-free on address 0x... at pc ...", and below "READ of size 4 at ...".
struct Report {
    std::uint64_t address = 0;         // of the line
    std::string line;
    std::string kind;                  // "heap-use-after-free"
    std::optional<std::uint64_t> place;
    std::uint64_t access_address = 0;  // of the line below
    std::string access;                // "READ of size 4"
    const Sanitizer* sanitizer = nullptr;
};

std::optional<Report> report_at(const core::Crash& crash, std::uint64_t start) {
    constexpr std::size_t most_text = 2048;
    std::vector<std::byte> bytes = crash.process.memory.read_some(start, most_text);
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    text = text.substr(0, text.find('\0'));
    std::size_t offset = 0;
    auto skip_line = [&] {
        std::size_t end = text.find('\n', offset);
        offset = end == std::string_view::npos ? text.size() : end + 1;
    };
    while (offset < text.size() && text.substr(offset).find_first_not_of("=\n") != 0 && offset < 256) {
        std::string_view rest = text.substr(offset);
        if (rest.starts_with(fmt::format("=={}==", crash.pid()))) break;
        skip_line();
    }
    std::string_view line = text.substr(offset, text.find('\n', offset) - offset);
    std::string start_of_line = fmt::format("=={}==ERROR: ", crash.pid());
    if (!line.starts_with(start_of_line)) return std::nullopt;
    std::string_view rest = line.substr(start_of_line.size());
    Report out;
    for (const Sanitizer& one : sanitizers()) {
        if (!rest.starts_with(one.name) || !rest.substr(one.name.size()).starts_with(": ")) continue;
        out.sanitizer = &one;
        rest.remove_prefix(one.name.size() + 2);
        break;
    }
    if (out.sanitizer == nullptr) return std::nullopt;
    out.address = start + offset;
    out.line = line;
    if (rest.starts_with("attempting ")) rest.remove_prefix(std::string_view("attempting ").size());
    if (std::size_t at = rest.find("0x"); at != std::string_view::npos) {
        std::string_view number = rest.substr(at, 2 + 16);
        out.place = text::parse_unsigned(number.substr(0, number.find_first_not_of("0123456789abcdefABCDEF", 2)));
    }
    std::size_t end = std::min({rest.find(" on "), rest.find(": "), rest.find(" ("), rest.size()});
    bool not_malloced = rest.starts_with("free on address which was not malloc()-ed");
    out.kind = not_malloced ? "free of an address that malloc() did not give" : std::string(rest.substr(0, end));
    skip_line();
    std::string_view below = text.substr(offset, text.find(" at ", offset) - offset);
    if ((below.starts_with("READ of size ") || below.starts_with("WRITE of size ")) && below.size() < 40) {
        out.access = below;
        out.access_address = start + offset;
    }
    return out;
}

// The report's text begins where the runtime mapped room for it: at a page, and one of its variables or frames points there.
class ReportSearch {
public:
    explicit ReportSearch(const core::Crash& crash) : crash_(crash) {}

    std::optional<Report> look(std::uint64_t from, std::uint64_t to) {
        const core::Memory& memory = crash_.process.memory;
        for (std::uint64_t at = from & ~std::uint64_t{7}; at < to && looked_at_ < most_searched;) {
            View known = memory.chunk(at).bytes.clamped(0, to - at);
            std::size_t size = known.size() & ~std::size_t{7};
            if (size == 0) return std::nullopt;
            for (std::size_t i = 0; i < size; i += 8) {
                std::uint64_t word = load<std::uint64_t>(known.data() + i, Endian::little);
                if (word == 0 || word % 4096 != 0) continue;
                if (auto number = memory.number(word, 2); !number || *number != 0x3d3d) continue;   // "=="
                const core::Region* region = memory.region_at(word);
                if (!region->writable() || memory.file_at(word) != nullptr) continue;
                if (++candidates_ > most_candidates) return std::nullopt;
                if (auto report = report_at(crash_, word)) return report;
            }
            looked_at_ += size;
            at += size;
        }
        return std::nullopt;
    }

private:
    const core::Crash& crash_;
    std::uint64_t looked_at_ = 0;
    std::size_t candidates_ = 0;
};

std::optional<Report> find_report(const core::Crash& crash, const Runtime& runtime) {
    ReportSearch search(crash);
    constexpr std::uint64_t most_stack = 1 << 16;
    std::uint64_t sp = crash.stack.items.front().frame.sp;
    if (auto found = search.look(sp, sp + most_stack)) return found;
    for (const elf::Segment& segment : runtime.module->image->segments()) {
        if (segment.type != elf::pt_load || (segment.flags & elf::pf_w) == 0) continue;
        std::uint64_t start = segment.vaddr + runtime.module->bias;
        if (auto found = search.look(start, start + segment.memsz)) return found;
    }
    return std::nullopt;
}

// What a check of -fsanitize=undefined was compiled with: { const char* file; u32 line, column; ... }. Its column is all ones once it was
// reported (compiler-rt, ubsan_value.h: SourceLocation::acquire).
struct CheckRecord {
    std::uint64_t address = 0, file_address = 0;
    std::string file;
    std::uint32_t line = 0;
};

std::optional<CheckRecord> check_record(core::Crash& crash, std::uint64_t return_address) {
    auto call = call_before(crash, return_address);
    if (!call || !crash.process.wide() || !disasm::is_x86(crash.process.layout->architecture)) return std::nullopt;
    std::vector<disasm::Instruction> code = instructions_before(crash, call->address, 64);
    const core::Memory& memory = crash.process.memory;
    for (std::size_t i = code.size(); i-- > 0;) {
        const disasm::Instruction& one = code[i];
        if (one.flow.branch != disasm::BranchKind::none) return std::nullopt;
        if (!writes(crash.fault.registers, one, "rdi")) continue;
        if (one.operands.size() < 2) return std::nullopt;
        const disasm::Operand& source = one.operands[1];
        CheckRecord out;
        if (one.mnemonic == "lea" && source.memory.address) out.address = *source.memory.address;
        else if (one.mnemonic == "mov" && source.kind == disasm::Operand::Kind::immediate)
            out.address = static_cast<std::uint64_t>(source.immediate);
        else return std::nullopt;
        auto file = memory.word(out.address);
        auto line = memory.number(out.address + 8, 4);
        auto column = memory.number(out.address + 12, 4);
        if (!file || !line || !column || *column != 0xffffffff || *line == 0 || *line > 10'000'000) return std::nullopt;
        auto text = memory.c_string(*file, 4096);
        if (!text || text->empty() || text::printable(*text) != *text) return std::nullopt;
        out.file_address = *file;
        out.file = *std::move(text);
        out.line = static_cast<std::uint32_t>(*line);
        return out;
    }
    return std::nullopt;
}

std::string kind_by_frames(core::Crash& crash, const Frames& frames) {
    for (std::size_t i = frames.first; i <= frames.entry; ++i) {
        const std::string& name = crash.function(i);
        if (const UndefinedCheck* check = handled_check(name)) return std::string(check->words);
        if (std::string_view words = address_report(name); !words.empty()) return std::string(words);
        if (std::string_view words = other_report(name); !words.empty()) return std::string(words);
    }
    return {};
}

// What was found wrong, and where: for the title.
struct Found {
    std::string kind, function, detail;
};

Found tell_report(CauseBuilder& builder, const Report& report) {
    builder.memory(report.address, report.line.size(), fmt::format("the report: \"{}\"", report.line));
    if (!report.access.empty()) builder.memory(report.access_address, report.access.size(), report.access);
    Found out{.kind = report.kind, .function = {}, .detail = {}};
    if (report.place) out.detail = fmt::format(", {}at {}", report.access.empty() ? "" : report.access + " ", hexadecimal(*report.place));
    return out;
}

Found tell_frames(CauseBuilder& builder, core::Crash& crash, const Frames& frames) {
    Found out{.kind = kind_by_frames(crash, frames), .function = {}, .detail = {}};
    if (!out.kind.empty()) builder.derived(fmt::format("the functions of the runtime that are on the stack report {}", out.kind));
    std::optional<CheckRecord> check;
    if (crash.function(frames.entry).starts_with("__ubsan_handle_") && frames.entry + 1 < crash.stack.items.size())
        check = check_record(crash, crash.stack.items[frames.entry + 1].frame.pc);
    if (check) {
        out.detail = fmt::format(" at {}:{}", text::base_name(check->file), check->line);
        builder.memory(check->address, 16,
                       fmt::format("the record of the check: line {}, and the mark that it has been reported", check->line));
        builder.memory(check->file_address, check->file.size(), fmt::format("its file: {}", check->file));
    }
    if (out.kind.empty()) {
        out.kind = "an error";
        builder.derived(
            "which error it is, is not in the dump: no text of a report was found, and the functions on the stack serve several");
    }
    builder.derived("no report was found in memory: the addresses and values in it are only where it was printed");
    return out;
}

}  // namespace

SanitizerAnswer sanitizer_abort(core::Crash& crash) {
    if (!crash.process.wide()) return {};
    // With handle_abort=1 it reports the signal that abort() sent: who called that is the question.
    if (crash.signal_frame()) return {};
    auto caller = abort_caller(crash);
    if (!caller) return {};
    Runtime runtime;
    runtime.module = crash.process.module_at(crash.stack.items[*caller].frame.lookup_pc());
    if (runtime.module == nullptr || !runtime.module->image) return {};
    const std::string& name = crash.function(*caller);
    runtime.sanitizer = runtime_in(crash, *runtime.module);
    // One that was linked into the program may export nothing; then its functions have names, or its texts are all there is.
    if (runtime.sanitizer == nullptr && !is_runtime(name) && !(name.empty() && holds_texts(*runtime.module))) return {};
    Frames frames = runtime_frames(crash, runtime, *caller);
    if (!frames.certain() && !name.empty()) return {};   // the program's own
    auto report = find_report(crash, runtime);
    if (!frames.certain() && !report) {
        return {
            .cause = {},
            .unknown = fmt::format("{} has the runtime of {} in it, and no names: whether that or the program called abort() is not known",
                                   runtime.module->name(), runtime.sanitizer != nullptr ? runtime.sanitizer->name : "a sanitizer")};
    }
    const Sanitizer* sanitizer = report ? report->sanitizer : frames.sanitizer != nullptr ? frames.sanitizer : runtime.sanitizer;
    std::string_view tool = sanitizer != nullptr ? sanitizer->name : std::string_view("a sanitizer");
    CauseBuilder builder(RuleId::CRASH_SANITIZER, crash);
    builder.signal().with("sanitizer", std::string(tool));
    std::string who = crash.function(*caller) == "_ZN11__sanitizer5AbortEv"
        ? "__sanitizer::Abort()"
        : place_words(crash, crash.stack.items[*caller].frame.lookup_pc());
    if (frames.named)
        builder.derived(fmt::format("abort() was called by {}, of the sanitizer's runtime in {}", who, runtime.module->name()));
    if (frames.reporting)
        builder.derived(fmt::format("{} is on the stack, which compiled code calls when a check has failed", crash.function(frames.entry)));
    Found found = report ? tell_report(builder, *report) : tell_frames(builder, crash, frames);
    bool leak = tool == "LeakSanitizer";   // found at the end
    found.function = leak ? "the program" : "an unknown function";
    if (!leak && (frames.certain() || frames.entry > *caller) && frames.entry + 1 < crash.stack.items.size())
        found.function = place_words(crash, crash.stack.items[frames.entry + 1].frame.lookup_pc());
    builder.with("kind", found.kind).with("function", found.function).with("detail", found.detail);
    if (!frames.certain())
        builder.confidence(Confidence::likely,
                           "the function that called abort() has no name: that it is the runtime's is concluded from the report");
    builder.reject("abort() by the program itself",
                   frames.named ? "the function that called it is the runtime's" : "the sanitizer had something to report");
    builder.reject("a signal from outside", "the process sent it to itself");
    builder.help("its whole report is on standard error, or where log_path= says, with the stacks of what happened before");
    return {.cause = builder.build(), .unknown = {}};
}

}  // namespace abiscope::rules
