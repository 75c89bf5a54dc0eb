#include "loader/kernel_elf.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "bytes/reader.h"
#include "elf/header.h"
#include "elf/segments.h"
#include "elf/spec.h"
#include "loader/errno_names.h"
#include "loader/first_instruction.h"
#include "loader/kernel_elf_formats.h"
#include "loader/kernel_map.h"
#include "loader/kernel_open.h"
#include "object/detect.h"
#include "target/architecture.h"

namespace abiscope::loader {

namespace {

using Kind = KernelDecision::Kind;

constexpr std::string_view magic{
    "\x7f"
    "ELF"};
constexpr int sigbus = 7, sigsegv = 11;

// load_elf_phdrs(): more bytes than this are refused.
constexpr std::uint64_t program_headers_most = 65536;

// Until this release of Linux only a page of program headers was taken.
const Version takes_many_headers{5, 1};
// From this release on a missing PT_GNU_STACK makes only 32-bit programs' memory executable.
const Version strict_read_implies_exec{5, 8};
// From this release on each segment's zero part is mapped with it (elf_load()); before, there was one for the whole program.
const Version zeroes_each_segment{6, 6};

struct Headers {
    elf::Header header;
    std::vector<elf::Segment> segments;
};

Place field_place(const ElfSubject& subject, elf::HeaderField field, elf::Encoding encoding, std::string_view name, std::string reading) {
    elf::FieldPlace place = elf::place_of(field, encoding);
    return {std::string(subject.name), subject.file.file_offset(place.offset), place.size, fmt::format("elf/header.{}", name),
            std::move(reading)};
}

Place segment_place(const ElfSubject& subject, const elf::Segment& segment, elf::Encoding encoding) {
    return {std::string(subject.name), segment.record_offset, encoding.wide ? 56U : 32U,
            fmt::format("elf/segments[{}]", name_or_hex(elf::segment_types(), segment.type)),
            fmt::format("p_offset {:#x}, p_vaddr {:#x}, p_filesz {:#x}, p_memsz {:#x}, p_flags {:#x}, p_align {:#x}", segment.offset,
                        segment.vaddr, segment.filesz, segment.memsz, segment.flags, segment.align)};
}

Place whole_file(const ElfSubject& subject, std::string reading) {
    return {std::string(subject.name), 0, subject.file.size(), "elf", std::move(reading)};
}

KernelDecision refused(int error, ProblemKind problem, std::string reason, Place place) {
    return {.kind = Kind::refused, .error = error, .problem = problem, .reason = std::move(reason), .places = {std::move(place)}};
}

KernelDecision killed(int signal, std::string reason, Place place) {
    return {.kind = Kind::killed,
            .signal = signal,
            .problem = ProblemKind::killed_at_exec,
            .reason = std::move(reason),
            .places = {std::move(place)}};
}

KernelDecision unknown(std::string missing, Place place) {
    return {.kind = Kind::unknown, .problem = ProblemKind::evidence_missing, .reason = std::move(missing), .places = {std::move(place)}};
}

// kernel_read() of `size` bytes at `offset`: EINVAL for an offset no file can have, EIO for what is not all there.
int read_error(View file, std::uint64_t offset, std::uint64_t size) {
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    if (offset > most || offset + size > most) return EINVAL;
    return range_fits(offset, size, file.size()) ? 0 : EIO;
}

std::uint64_t record_size(elf::Encoding encoding) { return encoding.wide ? 56 : 32; }

elf::Header header_of(View file, elf::Encoding encoding) {
    ExecBuffer buffer = exec_buffer(file);
    return elf::read_header_as(View(buffer, 0), encoding).value_or(elf::Header{});
}

// load_elf_phdrs(). An empty list is its failure, whose reason is then in `why`.
std::vector<elf::Segment> read_program_headers(const ElfSubject& subject, const elf::Header& header, elf::Encoding encoding,
                                               KernelDecision& why) {
    std::vector<elf::Segment> segments;
    std::uint64_t record = record_size(encoding);
    auto refuse = [&](elf::HeaderField field, std::string_view name, std::uint64_t value, std::string reason) {
        why = refused(ENOEXEC, ProblemKind::format_refused, std::move(reason),
                      field_place(subject, field, encoding, name, std::to_string(value)));
    };
    if (header.phentsize != record) {
        refuse(elf::HeaderField::phentsize, "e_phentsize", header.phentsize,
               fmt::format("e_phentsize is {}, the kernel takes only {}", header.phentsize, record));
        return segments;
    }
    std::uint64_t size = record * header.phnum;
    if (header.phnum == 0) {
        refuse(elf::HeaderField::phnum, "e_phnum", 0, "there are no program headers");
    } else if (size > program_headers_most) {
        refuse(elf::HeaderField::phnum, "e_phnum", header.phnum, "the program headers are larger than the 64 KiB the kernel takes");
    } else if (read_error(subject.file, header.phoff, size) != 0) {
        refuse(elf::HeaderField::phoff, "e_phoff", header.phoff, "the program headers are not all in the file");
    } else {
        for (std::uint64_t i = 0; i < header.phnum; ++i) {
            Reader reader(subject.file.from(header.phoff + i * record), encoding.order, "program header");
            segments.push_back(elf::read_segment(reader, encoding.wide));
        }
    }
    return segments;
}

struct Interpreter {
    std::string name;              // as PT_INTERP has it, up to the first NUL
    OpenedForExec file;
    elf::Header header;
};

// The part of load_elf_binary() that reads PT_INTERP and opens what it names. Nothing when that ends the exec, with `why`.
std::optional<Interpreter> open_interpreter(const ElfSubject& subject, const elf::Segment& segment, const ElfFormat& format,
                                            const target::Target& target, ModuleCache& cache, KernelDecision& why) {
    // Written only for the few that are refused.
    auto place = [&] { return segment_place(subject, segment, format.encoding); };
    if (segment.filesz < 2 || segment.filesz > path_max) {
        why = refused(ENOEXEC, ProblemKind::format_refused,
                      fmt::format("PT_INTERP is {} bytes long, the kernel takes 2 to {}", segment.filesz, path_max), place());
        return std::nullopt;
    }
    if (int error = read_error(subject.file, segment.offset, segment.filesz); error != 0) {
        why = refused(error, ProblemKind::other_exec_error, "PT_INTERP lies outside the file", place());
        return std::nullopt;
    }
    std::string_view text = subject.file.clamped(segment.offset, segment.filesz).as_text();
    if (text.back() != '\0') {
        why = refused(ENOEXEC, ProblemKind::format_refused, "the last byte of PT_INTERP is not NUL", place());
        return std::nullopt;
    }
    Interpreter interpreter{.name = std::string(text.substr(0, text.find('\0'))), .file = {}, .header = {}};
    auto place_of_name = [&] {
        Place name = place();
        name.offset = subject.file.file_offset(segment.offset);
        name.size = segment.filesz;
        name.reading = interpreter.name;
        return name;
    };
    interpreter.file = open_for_exec(interpreter.name, target, cache);
    if (int error = interpreter.file.error; error != 0) {
        ProblemKind problem = error == ENOENT ? ProblemKind::interpreter_missing : ProblemKind::interpreter_unusable;
        why = refused(error, problem, fmt::format("{}: {}", interpreter.name, interpreter.file.reason), place_of_name());
        why.subject = interpreter.name;
        why.certain = interpreter.file.known;
        if (!why.certain)
            why.assumptions.push_back(
                fmt::format("nothing beyond the base system is installed at {} on {}", interpreter.name, target.name));
        return std::nullopt;
    }
    if (!interpreter.file.known) return interpreter;
    View bytes = interpreter.file.module->bytes();
    std::uint64_t header_size = format.encoding.wide ? elf::header_size_64 : elf::header_size_32;
    if (bytes.size() < header_size) {
        why = refused(EIO, ProblemKind::interpreter_unusable,
                      fmt::format("{} is {} bytes long, less than an ELF header", interpreter.name, bytes.size()), place_of_name());
        why.subject = interpreter.name;
        return std::nullopt;
    }
    interpreter.header = elf::read_header_as(bytes, format.encoding).value_or(elf::Header{});
    return interpreter;
}

// "Some simple consistency checks for the interpreter": all of them are ELIBBAD.
std::vector<elf::Segment> check_interpreter(const Interpreter& interpreter, const ElfFormat& format, KernelDecision& why) {
    ElfSubject subject{interpreter.name, interpreter.file.module->bytes()};
    std::string reason;
    std::vector<elf::Segment> segments;
    Place place;
    if (!subject.file.starts_with(magic)) {
        reason = "it is not an ELF file";
        place = whole_file(subject, "not ELF");
    } else if (!accepts_machine(format, interpreter.header)) {
        place = field_place(subject, elf::HeaderField::machine, format.encoding, "e_machine",
                            name_or_hex(elf::machines(), interpreter.header.machine));
        reason = fmt::format("it is for another machine ({}) than the program ({})", place.reading, format.name);
    } else {
        segments = read_program_headers(subject, interpreter.header, format.encoding, why);
        if (!segments.empty()) return segments;
        reason = why.reason;
        place = why.places.front();
    }
    why = refused(ELIBBAD, ProblemKind::interpreter_unusable, fmt::format("{}: {}", interpreter.name, reason), std::move(place));
    why.subject = interpreter.name;
    return segments;
}

// elf_read_implies_exec() of x86 and arm64.
bool read_implies_exec(const std::vector<elf::Segment>& segments, const ElfFormat& format, const target::Target& target) {
    std::optional<bool> executable_stack;
    for (const elf::Segment& segment : segments) {
        if (segment.type == elf::pt_gnu_stack) executable_stack = segment.executable();
    }
    const Version& version = target.kernel.version;
    if (!version.empty() && version < strict_read_implies_exec) return executable_stack.value_or(true);
    bool thirty_two = !format.encoding.wide;
    return thirty_two && !executable_stack.has_value();
}

// Segments as every linker writes them: ascending, no two on one page, all with bytes in the file. For these every kernel does the same.
bool ordinary_layout(const std::vector<elf::Segment>& segments, std::uint64_t page) {
    std::uint64_t end = 0;
    for (const elf::Segment& segment : segments) {
        if (segment.type != elf::pt_load) continue;
        if (segment.filesz == 0 || align_down(segment.vaddr, page) < end) return false;
        end = align_up(segment.vaddr + segment.memsz, page);
    }
    return true;
}

// parse_elf_properties(), which only kernels with CONFIG_ARCH_USE_GNU_PROPERTY have (arm64 with BTI): a note they refuse, as far as its
// header shows it.
const elf::Segment* doubtful_property(View file, const std::vector<elf::Segment>& segments, elf::Encoding encoding) {
    constexpr std::uint64_t note_most = 1024, note_header = 16;
    constexpr std::uint32_t property_type_0 = 5;
    const elf::Segment* found = nullptr;
    for (const elf::Segment& segment : segments) {
        if (segment.type == elf::pt_gnu_property) found = &segment;
    }
    if (found == nullptr) return nullptr;
    Reader note(file.clamped(found->offset, found->filesz), encoding.order, "PT_GNU_PROPERTY");
    std::uint32_t name_size = note.u32(), size = note.u32(), type = note.u32();
    bool fine = found->filesz <= note_most && name_size == 4 && type == property_type_0 &&
        note.bytes(4).as_text() == std::string_view("GNU\0", 4) && note.ok() && size <= found->filesz - note_header &&
        size <= note.remaining();
    return fine ? nullptr : found;
}

struct Start {
    ElfSubject subject;            // the file whose code runs first
    elf::Header header;
    std::uint64_t bias = 0;
};

// From here on nobody is told anything: the process lives or dies.
KernelDecision map_and_start(const ElfSubject& subject, const Headers& program, const Interpreter* interpreter, const Headers& loader,
                             const ElfFormat& format, const target::Target& target) {
    AddressSpace space(format, target);
    if (read_implies_exec(program.segments, format, target)) space.read_implies_exec();
    bool dynamic = program.header.type == elf::et_dyn;
    Start start{subject, program.header};
    start.bias = space.load(subject.file, program.segments, dynamic, interpreter != nullptr, false);
    if (!space.refused() && interpreter != nullptr) {
        start.subject = {interpreter->name, interpreter->file.module->bytes()};
        start.header = loader.header;
        if (loader.header.type != elf::et_exec && loader.header.type != elf::et_dyn) {
            return killed(
                sigsegv, fmt::format("{} has e_type {}, which is neither ET_EXEC nor ET_DYN", interpreter->name, loader.header.type),
                field_place(start.subject, elf::HeaderField::type, format.encoding, "e_type", std::to_string(loader.header.type)));
        }
        start.bias = space.load(start.subject.file, loader.segments, loader.header.type == elf::et_dyn, false, true);
    }
    if (space.refused()) {
        const MapTrouble& trouble = *space.refused();
        Place place = trouble.segment ? segment_place(start.subject, *trouble.segment, format.encoding)
                                      : whole_file(start.subject, "program headers");
        return killed(sigsegv, trouble.reason, std::move(place));
    }

    std::uint64_t entry = start.bias + start.header.entry;
    auto place = [&] {
        return field_place(start.subject, elf::HeaderField::entry, format.encoding, "e_entry", fmt::format("{:#x}", start.header.entry));
    };
    if (entry >= format.task_size_most) return killed(sigsegv, "the entry point lies beyond the address space", place());
    auto fetch = space.fetch(entry);
    std::optional<CertainCrash> crash;
    switch (fetch.kind) {
        case AddressSpace::Fetch::Kind::not_mapped:
            crash = CertainCrash{
                sigsegv,
                start.header.entry == 0 ? "the entry point is 0, where nothing is mapped" : "the entry point lies outside every segment"};
            break;
        case AddressSpace::Fetch::Kind::not_executable:
            crash = CertainCrash{sigsegv, "the entry point lies in a segment that is not executable"};
            break;
        case AddressSpace::Fetch::Kind::past_end_of_file:
            crash = CertainCrash{sigbus, "the page of the entry point lies beyond the end of the file"};
            break;
        case AddressSpace::Fetch::Kind::fine: crash = certain_crash(fetch.bytes, start.header.machine, space.maps_page_zero()); break;
        case AddressSpace::Fetch::Kind::unsure: break;
    }
    // Every failure to map ends in SIGSEGV as well, so that one is certain even where the mapping is not.
    if (crash && crash->signal == sigsegv) return killed(sigsegv, std::string(crash->reason), place());
    if (space.unsure()) {
        const MapTrouble& trouble = *space.unsure();
        return unknown(trouble.reason, trouble.segment ? segment_place(start.subject, *trouble.segment, format.encoding) : place());
    }
    if (fetch.kind == AddressSpace::Fetch::Kind::unsure)
        return unknown("what lies at the entry point: the kernel chooses it at random", place());
    if (crash) return killed(crash->signal, std::string(crash->reason), place());
    return {};
}

KernelDecision try_format(const ElfSubject& subject, const ElfFormat& format, const target::Target& target, ModuleCache& cache) {
    Headers program{.header = header_of(subject.file, format.encoding), .segments = {}};
    const elf::Header& header = program.header;
    if (header.type != elf::et_exec && header.type != elf::et_dyn) {
        std::string type = name_or_hex(elf::object_types(), header.type);
        return refused(ENOEXEC, ProblemKind::format_refused, fmt::format("e_type {} is neither ET_EXEC nor ET_DYN", type),
                       field_place(subject, elf::HeaderField::type, format.encoding, "e_type", type));
    }
    KernelDecision decision;
    program.segments = read_program_headers(subject, header, format.encoding, decision);
    if (program.segments.empty()) return decision;
    const Version& version = target.kernel.version;
    if (!version.empty() && version < takes_many_headers && record_size(format.encoding) * header.phnum > target.kernel.page_size) {
        return unknown("whether this kernel takes more than a page of program headers",
                       field_place(subject, elf::HeaderField::phnum, format.encoding, "e_phnum", std::to_string(header.phnum)));
    }

    std::optional<Interpreter> interpreter;
    Headers loader{.header = {}, .segments = {}};
    auto names_it = std::ranges::find(program.segments, elf::pt_interp, &elf::Segment::type);
    if (names_it != program.segments.end()) {
        interpreter = open_interpreter(subject, *names_it, format, target, cache, decision);
        if (!interpreter) return decision;
        if (interpreter->file.known) {
            loader.header = interpreter->header;
            loader.segments = check_interpreter(*interpreter, format, decision);
            if (loader.segments.empty()) return decision;
        }
    }

    if (target.architecture == target::Architecture::arm64) {
        bool by_loader = interpreter && interpreter->file.known;
        ElfSubject starts = by_loader ? ElfSubject{interpreter->name, interpreter->file.module->bytes()} : subject;
        if (const elf::Segment* property = doubtful_property(starts.file, by_loader ? loader.segments : program.segments, format.encoding);
            property != nullptr && (by_loader || !interpreter)) {
            return unknown("whether the kernel reads PT_GNU_PROPERTY (CONFIG_ARM64_BTI), which it would refuse",
                           segment_place(starts, *property, format.encoding));
        }
    }
    if (interpreter && !interpreter->file.known) {
        decision = {};
        decision.assumptions.push_back(fmt::format("{} is a working loader ({})", interpreter->name, interpreter->file.reason));
    } else {
        decision = map_and_start(subject, program, interpreter ? &*interpreter : nullptr, loader, format, target);
    }
    bool same_everywhere = version.empty() || version >= zeroes_each_segment ||
        (ordinary_layout(program.segments, target.kernel.page_size) && ordinary_layout(loader.segments, target.kernel.page_size));
    if (!same_everywhere && (decision.kind == Kind::accepted || decision.kind == Kind::killed)) {
        decision =
            unknown(fmt::format("how Linux {} maps segments that overlap, descend or have no bytes in the file", version.to_string()),
                    whole_file(subject, "program headers"));
    }
    if (decision.kind == Kind::accepted && interpreter) decision.interpreter = interpreter->name;
    return decision;
}

std::string machines_of(const std::vector<ElfFormat>& formats) {
    std::string names;
    for (const ElfFormat& format : formats) names += fmt::format("{}{}", names.empty() ? "" : ", ", format.name);
    return names;
}

}  // namespace

ExecBuffer exec_buffer(View file) {
    ExecBuffer buffer{};
    std::size_t size = std::min<std::size_t>(buffer.size(), file.size());
    if (size != 0) std::memcpy(buffer.data(), file.data(), size);
    return buffer;
}

KernelDecision exec_elf(const ElfSubject& subject, const target::Target& target, ModuleCache& cache) {
    ExecBuffer buffer = exec_buffer(subject.file);
    if (!View(buffer, 0).starts_with(magic)) {
        return refused(ENOEXEC, ProblemKind::format_refused,
                       "the file is neither ELF nor a script but " + object::describe(object::detect(subject.file)),
                       {std::string(subject.name), 0, 4, "file", "no ELF magic, no #!"});
    }
    std::vector<ElfFormat> formats = elf_formats(target);
    if (formats.empty()) return unknown("the target's architecture", whole_file(subject, "ELF"));
    std::optional<KernelDecision> first;
    for (const ElfFormat& format : formats) {
        if (!accepts_machine(format, header_of(subject.file, format.encoding))) continue;
        KernelDecision decision = try_format(subject, format, target, cache);
        if (decision.kind != Kind::refused || decision.error != ENOEXEC) return decision;
        if (!first) first = std::move(decision);
    }
    if (first) {
        elf::Header own = header_of(subject.file, {.wide = false, .order = Endian::little});
        bool x32 = own.ident_class() == elf::class_32 && own.machine == elf::em_x86_64;
        if (x32) first->reason = "it is an x32 program (32-bit ELF for x86-64), and this kernel has no x32: " + first->reason;
        return *std::move(first);
    }

    elf::Header header = header_of(subject.file, formats.front().encoding);
    std::string machine = name_or_hex(elf::machines(), header.machine);
    bool wide = header.ident_class() == elf::class_64;
    // What the file says of itself, not the order that the kernel reads it in.
    bool big = header.ident_data() == elf::data_big;
    Endian order = big ? Endian::big : Endian::little;
    if (order != formats.front().encoding.order) {
        header = header_of(subject.file, {.wide = wide, .order = order});
        machine = name_or_hex(elf::machines(), header.machine);
    }
    target::Architecture known = target::architecture_of(header.machine, wide, big, header.flags);
    std::string named = known == target::Architecture::unknown ? machine : fmt::format("{} ({})", to_string(known), machine);
    KernelDecision decision =
        refused(ENOEXEC, ProblemKind::format_refused, fmt::format("the program is for {}, the kernel runs {}", named, machines_of(formats)),
                field_place(subject, elf::HeaderField::machine, formats.front().encoding, "e_machine", machine));
    decision.subject = machine;
    return decision;
}

}  // namespace abiscope::loader
