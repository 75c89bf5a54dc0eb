#include "core/core_writer.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "core/spec.h"
#include "elf/spec.h"

namespace abiscope::core {

namespace {

constexpr std::uint64_t most_program_headers = 0xffff;   // PN_XNUM: the number is in sh_info of section 0

// Every machine with a layout is little-endian.
class Bytes {
public:
    explicit Bytes(bool wide) : wide_(wide) {}

    Bytes& number(std::uint64_t value, unsigned size) {
        for (unsigned i = 0; i < size; ++i) out_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xff));
        return *this;
    }
    Bytes& u16(std::uint64_t value) { return number(value, 2); }
    Bytes& u32(std::uint64_t value) { return number(value, 4); }
    Bytes& word(std::uint64_t value) { return number(value, wide_ ? 8 : 4); }
    Bytes& append(const std::vector<std::byte>& bytes) {
        out_.insert(out_.end(), bytes.begin(), bytes.end());
        return *this;
    }
    Bytes& text(std::string_view text) {
        for (char c : text) out_.push_back(static_cast<std::byte>(c));
        return *this;
    }
    // `size` bytes of which the last is NUL.
    Bytes& fixed(std::string_view name, std::size_t size) {
        text(name.substr(0, size - 1));
        return pad(size - std::min(name.size(), size - 1));
    }
    Bytes& pad(std::size_t size) {
        out_.resize(out_.size() + size);
        return *this;
    }
    Bytes& pad_to(std::size_t size) {
        if (size > out_.size()) out_.resize(size);
        return *this;
    }
    [[nodiscard]] std::size_t size() const { return out_.size(); }
    [[nodiscard]] std::vector<std::byte> take() { return std::move(out_); }

private:
    bool wide_;
    std::vector<std::byte> out_;
};

class Writer {
public:
    explicit Writer(const DumpedProcess& process) : process_(process), wide_(process.layout->wide) {}

    CoreLayout lay_out() {
        std::vector<std::byte> notes = all_notes();
        std::uint64_t headers = process_.mappings.size() + 1;
        std::uint64_t record = wide_ ? 56 : 32;
        bool many = headers >= most_program_headers;
        std::uint64_t notes_at = header_size() + headers * record;
        std::uint64_t sections_at = many ? (notes_at + notes.size() + 7) / 8 * 8 : 0;
        std::uint64_t head_end = many ? sections_at + section_size() : notes_at + notes.size();

        CoreLayout out;
        Bytes head(wide_);
        file_header(head, headers, sections_at);
        program_header(head, {.type = elf::pt_note, .offset = notes_at, .filesz = notes.size()});
        std::uint64_t at = round_up(head_end);
        for (const DumpedMapping& mapping : process_.mappings) {
            std::uint64_t size = std::min(mapping.dumped, mapping.end - mapping.start);
            program_header(head,
                           {.type = elf::pt_load,
                            .flags = mapping.flags,
                            .offset = at,
                            .address = mapping.start,
                            .filesz = size,
                            .memsz = mapping.end - mapping.start,
                            .align = process_.page_size});
            if (size != 0) out.pieces.push_back({at, mapping.start, size, mapping.shared});
            at += round_up(size);
        }
        head.append(notes);
        if (many) head.pad_to(sections_at).pad(wide_ ? 44 : 28).u32(headers).pad(wide_ ? 16 : 8);
        out.head = head.take();
        out.size = out.pieces.empty() ? out.head.size() : at;
        return out;
    }

private:
    struct ProgramHeader {
        std::uint32_t type = 0, flags = 0;
        std::uint64_t offset = 0, address = 0, filesz = 0, memsz = 0, align = 0;
    };

    [[nodiscard]] std::uint64_t header_size() const { return wide_ ? 64 : 52; }
    [[nodiscard]] std::uint64_t section_size() const { return wide_ ? 64 : 40; }
    [[nodiscard]] std::uint64_t round_up(std::uint64_t size) const {
        return (size + process_.page_size - 1) / process_.page_size * process_.page_size;
    }

    void file_header(Bytes& out, std::uint64_t headers, std::uint64_t sections_at) const {
        out.text(
               "\x7f"
               "ELF")
            .number(wide_ ? 2 : 1, 1)
            .number(1, 1)
            .number(1, 1)
            .pad(9);
        out.u16(elf::et_core).u16(process_.layout->machine).u32(1).word(0).word(header_size()).word(sections_at).u32(0);
        out.u16(header_size()).u16(wide_ ? 56 : 32).u16(std::min(headers, most_program_headers));
        out.u16(sections_at != 0 ? section_size() : 0).u16(sections_at != 0 ? 1 : 0).u16(0);
    }

    void program_header(Bytes& out, const ProgramHeader& header) const {
        out.u32(header.type);
        if (wide_) out.u32(header.flags);
        out.word(header.offset).word(header.address).word(0).word(header.filesz).word(header.memsz);
        if (!wide_) out.u32(header.flags);
        out.word(header.align);
    }

    void note(Bytes& out, std::string_view name, std::uint32_t type, const std::vector<std::byte>& bytes) const {
        out.u32(name.size() + 1).u32(bytes.size()).u32(type).text(name);
        out.pad(4 - name.size() % 4).append(bytes).pad((4 - bytes.size() % 4) % 4);
    }

    // The order of the kernel (fill_note_info): what belongs to the process stands between the registers of its first thread.
    [[nodiscard]] std::vector<std::byte> all_notes() const {
        Bytes out(wide_);
        bool first = true;
        for (const DumpedThread& thread : process_.threads) {
            note(out, "CORE", nt_prstatus, status(thread));
            if (first) process_notes(out);
            first = false;
            for (const RegisterSet& set : thread.others) note(out, set.type == nt_fpregset ? "CORE" : "LINUX", set.type, set.bytes);
        }
        if (first) process_notes(out);
        return out.take();
    }

    void process_notes(Bytes& out) const {
        note(out, "CORE", nt_prpsinfo, information());
        if (!process_.signal_info.empty()) note(out, "CORE", nt_siginfo, process_.signal_info);
        if (!process_.auxiliary.empty()) note(out, "CORE", nt_auxv, process_.auxiliary);
        std::vector<std::byte> mapped = files();
        if (!mapped.empty()) note(out, "CORE", nt_file, mapped);
    }

    // struct elf_prstatus: include/linux/elfcore.h.
    [[nodiscard]] std::vector<std::byte> status(const DumpedThread& thread) const {
        Bytes out(wide_);
        auto signed_word = [&](std::int32_t value) { out.u32(static_cast<std::uint32_t>(value)); };
        signed_word(process_.signal);
        signed_word(process_.code);
        signed_word(process_.error);
        out.u16(static_cast<std::uint32_t>(process_.signal)).u16(0).word(0).word(0);
        out.u32(thread.id).u32(process_.parent).u32(process_.group).u32(process_.session);
        out.pad_to(process_.layout->registers_offset).append(thread.general);
        bool floating = std::ranges::any_of(thread.others, [](const RegisterSet& set) { return set.type == nt_fpregset; });
        out.u32(floating ? 1 : 0).pad_to(process_.layout->status_size);
        return out.take();
    }

    // struct elf_prpsinfo: include/linux/elfcore.h.
    [[nodiscard]] std::vector<std::byte> information() const {
        Bytes out(wide_);
        unsigned id_size = process_.layout->narrow_ids ? 2 : 4;
        out.pad(wide_ ? 8 : 4).word(0).number(process_.uid, id_size).number(process_.gid, id_size);
        out.u32(process_.pid).u32(process_.parent).u32(process_.group).u32(process_.session);
        out.fixed(process_.name, 16).fixed(process_.arguments, 80);
        return out.take();
    }

    // fill_files_note(): count and page size; start, end and offset in pages of each; then the names.
    [[nodiscard]] std::vector<std::byte> files() const {
        Bytes names(wide_), records(wide_);
        std::uint64_t count = 0;
        for (const DumpedMapping& mapping : process_.mappings) {
            if (mapping.path.empty()) continue;
            ++count;
            records.word(mapping.start).word(mapping.end).word(mapping.file_offset / process_.page_size);
            names.text(mapping.path).pad(1);
        }
        if (count == 0) return {};
        Bytes out(wide_);
        out.word(count).word(process_.page_size).append(records.take()).append(names.take());
        return out.take();
    }

    const DumpedProcess& process_;
    bool wide_;
};

}  // namespace

CoreLayout lay_out_core(const DumpedProcess& process) { return Writer(process).lay_out(); }

// copy_siginfo_to_external32() of kernel/signal.c: signo, errno and code stand in both; then the union, 8-aligned or not.
std::vector<std::byte> narrow_siginfo(const std::vector<std::byte>& native) {
    std::vector<std::byte> out(128);
    if (native.size() < out.size()) return {};
    auto copy = [&](std::size_t from, std::size_t to, std::size_t size) { std::memcpy(out.data() + to, native.data() + from, size); };
    copy(0, 0, 12);
    std::int32_t signal = 0, code = 0;
    std::memcpy(&signal, native.data(), 4);
    std::memcpy(&code, native.data() + 8, 4);
    if (is_sent(code)) {
        copy(16, 12, 12);   // pid, uid, and the low half of the value
        if (code != si_user) copy(24, 20, 4);
    } else if (signal == sigsys) {
        copy(16, 12, 4);    // the address, then number and architecture of the call
        copy(24, 16, 8);
    } else {
        copy(16, 12, 4);    // the address; si_addr_lsb, or the bounds and the key behind it
        copy(24, 16, 2);
        if (signal == sigsegv && code == 4) copy(32, 20, 4);
    }
    return out;
}

}  // namespace abiscope::core
