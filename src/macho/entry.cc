#include "macho/entry.h"

#include <fmt/format.h>

#include "base/text.h"
#include "macho/spec.h"

namespace abiscope::macho {

using finding::Address;
using finding::Evidence;
using finding::EvidenceRole;
using finding::Finding;
using finding::RuleId;

namespace {

// Where the program counter is in the thread state of a flavor: <mach/i386/thread_status.h> and its siblings.
struct ThreadState {
    std::uint32_t cpu_type;
    std::uint32_t flavor;
    std::uint64_t pc_offset;   // bytes from the start of the state
    bool wide;
};
constexpr ThreadState thread_states[] = {
    {cpu_x86, 1, 40, false},           // x86_THREAD_STATE32: eax ebx ecx edx edi esi ebp esp ss eflags eip
    {cpu_x86_64, 4, 128, true},        // x86_THREAD_STATE64: rax ... r15 rip
    {cpu_arm, 1, 60, false},           // ARM_THREAD_STATE: r0-r12 sp lr pc
    {cpu_arm64, 6, 256, true},         // ARM_THREAD_STATE64: x0-x28 fp lr sp pc
    {cpu_arm64_32, 6, 256, true}, {cpu_powerpc, 1, 0, false},        // PPC_THREAD_STATE: srr0
    {cpu_powerpc64, 5, 0, true},       // PPC_THREAD_STATE64: srr0
};

struct EntryField {
    std::uint64_t value;
    std::uint64_t file_offset;
    std::uint64_t size;
};

// struct thread_command: flavor, count of 32 bit words, state; repeated to the end of the command.
std::optional<EntryField> program_counter(const Image& image, const LoadCommand& command, finding::Sink& sink) {
    Reader reader = command.fields(image.header().order);
    while (reader.remaining() >= 8) {
        std::uint32_t flavor = reader.u32();
        std::uint64_t size = std::uint64_t{reader.u32()} * 4;
        View state = reader.bytes(size);
        if (!fields_fit(command, reader, sink)) return std::nullopt;
        for (const ThreadState& known : thread_states) {
            if (known.cpu_type != image.header().cpu_type || known.flavor != flavor) continue;
            Reader registers(state, image.header().order, "the thread state");
            registers.seek(known.pc_offset);
            std::uint64_t value = registers.word(known.wide);
            if (registers.ok()) return EntryField{value, state.file_offset(known.pc_offset), known.wide ? 8U : 4U};
        }
    }
    report_malformed(command, "it holds no thread state of a known flavor with a program counter", sink);
    return std::nullopt;
}

void locate(const Image& image, Entry& entry) {
    if (const Segment* segment = image.segment_at(entry.address)) entry.segment_index = segment->index;
    if (const Section* section = image.section_at(entry.address)) entry.section_index = section->index;
    entry.offset = image.offset_of(entry.address);
    if (entry.offset && *entry.offset < image.bytes().size()) entry.file_offset = image.bytes().file_offset(*entry.offset);
}

void check(const Image& image, const Entry& entry, const EntryField& field, const LoadCommand& command, finding::Sink& sink) {
    auto evidence = Evidence::value(command.path(), field.file_offset, field.size, text::hex(field.value)).at_address(entry.address);
    if (!entry.segment_index || !entry.offset) {
        sink.add(
            Finding(RuleId::MACHO_ENTRY_OUTSIDE, evidence)
                .with("entry", Address{entry.address})
                .add(Evidence::absence("macho/segment", fmt::format("{} segments", image.segments().size())).as(EvidenceRole::supports)));
        return;
    }
    const Segment& segment = image.segments()[*entry.segment_index];
    if ((segment.initial_protection & vm_prot_execute) == 0) {
        sink.add(Finding(RuleId::MACHO_ENTRY_NOT_EXECUTABLE, evidence)
                     .with("entry", Address{entry.address})
                     .with("segment", text::printable(segment.name))
                     .add(Evidence::value(segment.path() + ".initprot", segment.command_file_offset, 8,
                                          protection_text(segment.initial_protection))));
    }
}

}  // namespace

Result<std::optional<Entry>> read_entry(const Image& image, finding::Sink& sink) {
    const LoadCommand* command = image.find_command(lc_main);
    Entry entry;
    EntryField field{};
    if (command != nullptr) {
        Reader reader = command->fields(image.header().order);
        std::uint64_t offset = reader.u64();
        field = {offset, reader.previous_file_offset(), 8};
        entry.stack_size = reader.u64();
        if (!fields_fit(*command, reader, sink)) return std::nullopt;
        entry.address = image.base_address() + offset;   // may wrap: a hostile offset is caught by the segment lookup
    } else if ((command = image.find_command(lc_unixthread)) != nullptr) {
        auto counter = program_counter(image, *command, sink);
        if (!counter) return std::nullopt;
        field = *counter;
        entry.kind = EntryKind::unix_thread;
        entry.address = field.value;
    } else {
        if (image.header().file_type == mh_execute) {
            sink.add(Finding(RuleId::MACHO_ENTRY_MISSING,
                             Evidence::absence("macho/LC_MAIN", fmt::format("{} load commands", image.commands().size()))));
        }
        return std::nullopt;
    }
    entry.command_index = command->index;
    locate(image, entry);
    check(image, entry, field, *command, sink);
    return entry;
}

}  // namespace abiscope::macho
