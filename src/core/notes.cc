#include "core/notes.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/reader.h"
#include "core/spec.h"
#include "elf/notes.h"
#include "elf/spec.h"

namespace abiscope::core {

namespace {

std::string fixed_text(View bytes) {
    std::string_view text = bytes.as_text();
    return std::string(text.substr(0, text.find('\0')));
}

class NoteReader {
public:
    NoteReader(const elf::Image& image, const MachineLayout* layout)
        : layout_(layout), wide_(image.encoding().wide), order_(image.encoding().order) {}

    void read(const elf::Note& note, CoreNotes& out) {
        if (note.name == "LINUX" && note.type == nt_x86_xstate) {
            if (!out.threads.empty() && out.threads.back().extended.empty()) out.threads.back().extended = note.descriptor;
            return;
        }
        if (note.name != "CORE") return;
        switch (note.type) {
            case nt_prstatus: status(note, out); break;
            case nt_prpsinfo: process(note, out); break;
            case nt_auxv: auxiliary(note, out); break;
            case nt_file: files(note, out); break;
            case nt_siginfo:
                if (out.signal && out.signal->complete) break;   // a second one is another thread's
                out.signal = read_siginfo(note.descriptor, wide_, order_);
                if (!out.signal) out.damage.push_back(short_note(note));
                else out.signal->place = {nt_siginfo, note.descriptor.file_offset()};
                break;
            default: break;
        }
    }

private:
    static std::string short_note(const elf::Note& note) {
        return fmt::format("{} at {:#x} is too short ({} bytes)", name_or_hex(note_names(), note.type), note.descriptor.file_offset(),
                           note.descriptor.size());
    }

    void status(const elf::Note& note, CoreNotes& out) {
        Reader reader(note.descriptor, order_, "NT_PRSTATUS");
        reader.skip(12);
        ThreadStatus thread;
        thread.signal = reader.i16();
        // si_signo, si_code, si_errno; pr_cursig and two words of signal masks; pr_pid.
        reader.seek(wide_ ? 32 : 24);
        thread.id = reader.u32();
        if (!reader.ok()) {
            out.damage.push_back(short_note(note));
            return;
        }
        thread.place = {nt_prstatus, note.descriptor.file_offset()};
        if (layout_ != nullptr) {
            View registers = note.descriptor.from(layout_->registers_offset);
            if (note.descriptor.size() < layout_->status_size) out.damage.push_back(short_note(note));
            thread.registers = Registers::read(*layout_, registers, order_);
            thread.registers_offset = registers.file_offset();
            if (layout_->compatibility_mode) drop_halves(thread, out);
        }
        if (!out.signal && out.threads.empty()) {
            Reader info(note.descriptor, order_, "NT_PRSTATUS");
            SignalInfo signal;
            signal.number = info.i32();
            signal.code = info.i32();
            signal.error = info.i32();
            if (signal.number == 0) signal.number = thread.signal;
            signal.place = thread.place;
            out.signal = signal;
        }
        out.threads.push_back(thread);
    }

    // The kernel cuts every thread's registers to 32 bits when the first one's code segment is not that of 64-bit code.
    static void drop_halves(ThreadStatus& thread, CoreNotes& out) {
        auto selector = thread.registers.get("cs");
        if (!selector || is_code_segment_32(*selector)) return;
        Registers halved(thread.registers.layout());
        halved.set("cs", selector);
        thread.registers = halved;
        out.damage.push_back(fmt::format("of the registers of thread {}, whose code segment is {}, only the lower halves are recorded",
                                         thread.id, text::hex(*selector)));
    }

    void process(const elf::Note& note, CoreNotes& out) {
        bool narrow = layout_ != nullptr && layout_->narrow_ids;
        Reader reader(note.descriptor, order_, "NT_PRPSINFO");
        reader.skip(wide_ ? 16 : 8);   // state, flags
        ProcessInfo info;
        info.uid = narrow ? reader.u16() : reader.u32();
        reader.skip(narrow ? 2 : 4);
        info.pid = reader.u32();
        info.parent = reader.u32();
        reader.skip(8);   // process group, session
        info.name = fixed_text(reader.bytes(16));
        info.arguments = fixed_text(reader.bytes(80));
        if (!reader.ok()) {
            out.damage.push_back(short_note(note));
            return;
        }
        while (info.arguments.ends_with(' ')) info.arguments.pop_back();
        out.process = std::move(info);
    }

    void auxiliary(const elf::Note& note, CoreNotes& out) {
        Reader reader(note.descriptor, order_, "NT_AUXV");
        while (reader.remaining() > 0) {
            AuxiliaryValue entry{reader.word(wide_), 0};
            entry.value = reader.word(wide_);
            if (!reader.ok() || entry.type == 0) break;
            out.auxiliary.push_back(entry);
        }
    }

    // count, page size; start, end, offset in pages of each; then the names.
    void files(const elf::Note& note, CoreNotes& out) {
        Reader reader(note.descriptor, order_, "NT_FILE");
        std::uint64_t count = reader.word(wide_);
        std::uint64_t page = reader.word(wide_);
        std::uint64_t record = wide_ ? 24 : 12;
        if (!reader.ok() || count > reader.remaining() / record) {
            out.damage.push_back(short_note(note));
            return;
        }
        std::vector<MappedFile> files(count);
        for (MappedFile& file : files) {
            file.start = reader.word(wide_);
            file.end = reader.word(wide_);
            file.file_offset = reader.word(wide_) * page;
        }
        for (MappedFile& file : files) {
            file.path = reader.c_string();
            if (reader.ok()) continue;
            out.damage.push_back(fmt::format("NT_FILE at {:#x} ends within its names", note.descriptor.file_offset()));
            break;
        }
        std::erase_if(files, [](const MappedFile& file) { return file.end <= file.start || file.path.empty(); });
        std::ranges::stable_sort(files, {}, &MappedFile::start);
        out.files = std::move(files);
    }

    const MachineLayout* layout_;
    bool wide_;
    Endian order_;
};

}  // namespace

std::optional<SignalInfo> read_siginfo(View bytes, bool wide, Endian order) {
    Reader reader(bytes, order, "siginfo");
    SignalInfo info;
    info.number = reader.i32();
    info.error = reader.i32();
    info.code = reader.i32();
    reader.seek(wide ? 16 : 12);
    std::uint64_t fields = reader.position();
    if (!reader.ok()) return std::nullopt;
    info.complete = true;
    if (is_sent(info.code)) {
        info.sender_pid = reader.i32();
        info.sender_uid = reader.u32();
    } else if (info.number == sigsys) {
        info.address = reader.word(wide);
        info.system_call = reader.i32();
        info.system_call_arch = reader.u32();
    } else if (is_fault(info.number)) {
        info.address = reader.word(wide);
        if (info.number == sigsegv && info.code == 4) {   // SEGV_PKUERR: behind a pad of the pointer's alignment, twice
            reader.seek(fields + (wide ? 16 : 8));
            info.protection_key = reader.u32();
        }
    }
    if (!reader.ok()) return std::nullopt;
    return info;
}

std::optional<std::uint64_t> CoreNotes::auxiliary_value(std::uint64_t type) const {
    for (const AuxiliaryValue& entry : auxiliary) {
        if (entry.type == type) return entry.value;
    }
    return std::nullopt;
}

CoreNotes read_core_notes(const elf::Image& image, const MachineLayout* layout) {
    CoreNotes out;
    NoteReader reader(image, layout);
    for (const elf::Note& note : elf::read_notes(image)) reader.read(note, out);
    std::uint64_t claimed = 0;
    std::uint64_t there = 0;
    for (const elf::Segment& segment : image.segments()) {
        if (segment.type != elf::pt_note) continue;
        claimed += segment.filesz;
        there += image.bytes().clamped(segment.offset, segment.filesz).size();
    }
    if (there < claimed) out.damage.push_back(fmt::format("the notes end after {} of {} bytes", there, claimed));
    return out;
}

}  // namespace abiscope::core
