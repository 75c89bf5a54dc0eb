#include "loader/musl_process.h"

#include <algorithm>

#include <fmt/format.h>

#include "bytes/limits.h"
#include "elf/spec.h"
#include "loader/kernel_open.h"

namespace abiscope::loader::musl {

namespace {

constexpr std::uint64_t most_text = std::uint64_t{1} << 20;            // bytes of messages kept

// DYN_CNT of ldso/dynlink.c: the tags decode_vec() keeps. DT_RELR came with 1.2.4.
bool decoded(std::uint64_t tag) { return tag != 0 && tag < 37; }

}  // namespace

std::optional<std::uint64_t> Object::last(std::uint64_t tag) const {
    if (!decoded(tag)) return std::nullopt;
    for (auto entry = dynamic.rbegin(); entry != dynamic.rend(); ++entry) {
        if (entry->tag == tag) return entry->value;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> Object::first(std::uint64_t tag) const {
    for (const elf::DynamicEntry& entry : dynamic) {
        if (entry.tag == tag) return entry.value;
    }
    return std::nullopt;
}

Place Object::dynamic_place(std::uint64_t index, std::string reading) const {
    Place place{.file = name, .offset = {}, .size = 0, .path = fmt::format("elf/dynamic[{}].d_val", index), .reading = std::move(reading)};
    if (mapping && image() != nullptr) {
        std::uint64_t word = image()->encoding().wide ? 8 : 4;
        View bytes = mapping->file_bytes_at(mapping->dynamic_address() + (2 * index + 1) * word);
        if (!bytes.empty()) place.offset = bytes.file_offset();
        place.size = word;
    }
    return place;
}

Process::Process(const Program& started, const target::Target& on, const target::Libc& libc, ModuleCache& files, const Options& wanted)
    : program(started),
      target(on),
      cache(files),
      options(wanted),
      version(libc.version),
      machine(machine_of(libc.architecture != target::Architecture::unknown ? libc.architecture : on.architecture)),
      secure(changes_identity(started.status, on)),
      loader_path(libc.loader) {}

std::string Process::absolute(std::string_view path) const {
    if (path.starts_with('/')) return std::string(path);
    std::string out = target.working_directory;
    if (!out.ends_with('/')) out += '/';
    return out.append(path);
}

void Process::complain(std::string_view line, Problem problem) {
    std::string& text = outcome.message.text;
    if (text.size() + line.size() > most_text || outcome.problems.size() >= default_limits.findings) {
        Place place = problem.places.empty() ? Place{} : problem.places.front();
        give_up(problem.stage, problem.object, "more messages than are kept: the rest of the text is not simulated", std::move(place));
        return;
    }
    if (!text.empty()) text += '\n';
    text += line;
    failed_ = true;
    outcome.problems.push_back(std::move(problem));
}

void Process::die(Fault fault, Problem problem) {
    stopped_ = true;
    if (fault == Fault::unknown) {
        problem.kind = ProblemKind::evidence_missing;
        unknown_ = true;
    } else {
        problem.kind = ProblemKind::crash;
        signal_ = fault == Fault::bus ? "SIGBUS" : "SIGSEGV";
    }
    outcome.problems.push_back(std::move(problem));
}

void Process::give_up(Stage stage, std::string object, std::string reason, Place place) {
    if (place.file.empty()) place.file = object;
    die(Fault::unknown,
        Problem{.stage = stage,
                .object = std::move(object),
                .subject = {},
                .version = {},
                .provider = {},
                .reason = std::move(reason),
                .error_name = {},
                .places = {std::move(place)},
                .trace = {}});
}

void Process::assume(std::string what) {
    auto& list = outcome.assumptions;
    if (std::ranges::find(list, what) == list.end()) list.push_back(std::move(what));
}

void Process::die_at(Fault fault, Stage stage, const Object& object, std::string reason, std::uint64_t address, std::string path) {
    Place place{.file = object.name, .offset = {}, .size = 0, .path = std::move(path), .reading = fmt::format("address {:#x}", address)};
    if (object.mapping) {
        if (View bytes = object.mapping->file_bytes_at(address); !bytes.empty()) place.offset = bytes.file_offset();
    }
    die(fault,
        Problem{.stage = stage,
                .object = object.name,
                .subject = {},
                .version = {},
                .provider = {},
                .reason = std::move(reason),
                .error_name = {},
                .places = {std::move(place)},
                .trace = {}});
}

// What was printed stands, whatever comes after; it decides the exit code only if the loader came to its own end.
Outcome Process::finish() {
    const Problem* first_fatal = nullptr;
    bool uncertain = false;
    for (const Problem& problem : outcome.problems) {
        if (!problem.fatal) continue;
        if (first_fatal == nullptr) first_fatal = &problem;
        uncertain |= !problem.certain;
    }
    outcome.stage = first_fatal != nullptr ? first_fatal->stage : Stage::runtime;
    if (failed_) {
        outcome.verdict = first_fatal == nullptr || first_fatal->certain ? Verdict::fails : Verdict::conditional;
        if (!stopped_) outcome.message.exit_code = 127;
    }
    if (!signal_.empty()) {
        outcome.verdict = Verdict::fails;
        outcome.message.signal = signal_;
        outcome.message.exit_code = signal_ == "SIGBUS" ? 135 : signal_ == "SIGFPE" ? 136 : 139;
    } else if (unknown_) {
        if (!failed_) outcome.verdict = Verdict::unknown;
    } else if (!failed_) {
        outcome.verdict = uncertain || conditional_ ? Verdict::conditional : Verdict::runs;
    }
    return std::move(outcome);
}

namespace {

// The reader of exported symbols goes by the image's own idea of the dynamic section; it stands for the loader's only where both agree.
bool same_tables(const Object& object, const elf::Image& image) {
    if (!image.dynamic()) return false;
    const elf::Dynamic& dynamic = *image.dynamic();
    for (std::uint64_t tag : {elf::dt_symtab, elf::dt_strtab, elf::dt_hash}) {
        if (dynamic.value(tag) != object.last(tag)) return false;
    }
    for (std::uint64_t tag : {elf::dt_gnu_hash, elf::dt_versym}) {
        if (dynamic.value(tag) != object.first(tag)) return false;
    }
    return !dynamic.strings.empty() && dynamic.strings.bytes().back() == std::byte{0};
}

bool congruent(const elf::Image& image, std::uint64_t page) {
    for (const elf::Segment& segment : image.segments()) {
        if (segment.type == elf::pt_load && segment.filesz != 0 && (segment.offset - segment.vaddr) % page != 0) return false;
    }
    return true;
}

}  // namespace

bool read_dynamic(Process& process, Object& object) {
    const Mapping& mapping = *object.mapping;
    std::uint64_t word = process.machine->word();
    for (std::uint64_t at = mapping.dynamic_address();; at += 2 * word) {
        elf::DynamicEntry entry;
        Fault fault = mapping.read_word(at, entry.tag);
        if (fault == Fault::none && entry.tag == elf::dt_null) break;
        if (fault == Fault::none) fault = mapping.read_word(at + word, entry.value);
        if (fault != Fault::none) {
            process.die_at(fault, Stage::libraries, object, "the dynamic section has no end where it can be read", at);
            return false;
        }
        object.dynamic.push_back(entry);
        if (object.dynamic.size() > object.module->bytes().size()) {
            process.give_up(Stage::libraries, object.name, "a dynamic section without an end", {});
            return false;
        }
    }
    std::uint64_t strings = object.last(elf::dt_strtab).value_or(0);
    std::optional<std::uint64_t> search = object.last(elf::dt_rpath);
    if (auto runpath = object.last(elf::dt_runpath)) search = runpath;
    if (search) {
        std::string_view text;
        if (mapping.read_text(strings + *search, text) != Fault::none) {
            process.give_up(Stage::libraries, object.name, "DT_RPATH or DT_RUNPATH is not a text of this file", {});
            return false;
        }
        object.search_text = std::string(text);
    }
    // The module's own word counts: it may stand for the file with another run path than it has on disk.
    if (auto runpath = object.module->runpath()) object.search_text = std::string(*runpath);
    const elf::Image& image = *object.image();
    object.foreign = image.header().machine != process.machine->elf_machine;
    if (!object.first(elf::dt_gnu_hash) && !object.last(elf::dt_hash)) {
        object.lookup_fault = Fault::segv;   // musl reads the hash table at address 0
        return true;
    }
    if (!congruent(image, process.target.kernel.page_size) || !same_tables(object, image)) {
        process.give_up(Stage::symbols, object.name, "the symbol tables of this file are laid out in a way that is not simulated", {});
        return false;
    }
    const elf::ExportTable& exports = object.module->exports();
    if (!exports.has_hash()) {
        std::uint64_t ignored = 0;
        object.lookup_fault = mapping.read_word(object.first(elf::dt_gnu_hash).value_or(object.last(elf::dt_hash).value_or(0)), ignored);
        if (object.lookup_fault == Fault::none) object.lookup_fault = Fault::unknown;
        return true;
    }
    object.exports = &exports;
    if (auto versym = object.first(elf::dt_versym)) object.versym = mapping.file_bytes_at(*versym);
    return true;
}

}  // namespace abiscope::loader::musl
