#include "macho/dyld_info.h"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "macho/spec.h"

namespace abiscope::macho {

using finding::Evidence;
using finding::Finding;
using finding::RuleId;

namespace {

// High four bits of a bind opcode.
enum BindOpcode : std::uint8_t {
    bind_done = 0x00,
    bind_set_dylib_ordinal_imm = 0x10,
    bind_set_dylib_ordinal_uleb = 0x20,
    bind_set_dylib_special_imm = 0x30,
    bind_set_symbol = 0x40,
    bind_set_type = 0x50,
    bind_set_addend = 0x60,
    bind_set_segment_and_offset = 0x70,
    bind_add_address = 0x80,
    bind_do = 0x90,
    bind_do_add_address = 0xa0,
    bind_do_add_address_scaled = 0xb0,
    bind_do_times_skipping = 0xc0,
    bind_threaded = 0xd0,
};

// High four bits of a rebase opcode.
enum RebaseOpcode : std::uint8_t {
    rebase_done = 0x00,
    rebase_set_type = 0x10,
    rebase_set_segment_and_offset = 0x20,
    rebase_add_address = 0x30,
    rebase_add_address_scaled = 0x40,
    rebase_do_times = 0x50,
    rebase_do_times_uleb = 0x60,
    rebase_do_add_address = 0x70,
    rebase_do_times_skipping = 0x80,
};

constexpr std::uint8_t opcode_mask = 0xf0;
constexpr std::uint8_t immediate_mask = 0x0f;

// What both kinds of program share: the place being written, and the bounds on it.
class Program {
public:
    Program(const Image& image, View bytes, std::string_view what, finding::Sink& sink)
        : reader(bytes, image.header().order, what),
          pointer_size(image.header().pointer_size()),
          image_(image),
          what_(what),
          sink_(sink),
          // Each place is written once, and each place written has bytes in the file or zero-fill that a linker would not bind.
          left_(image.bytes().size() / pointer_size + 1) {}

    void set_place(std::uint32_t segment, std::uint64_t offset) {
        segment_ = segment;
        offset_ = offset;
        placed_ = true;
    }
    void advance(std::uint64_t delta) { offset_ += delta; }   // may wrap: dyld adds negative distances that way

    // The address of the place, when it is one that may be written.
    std::optional<std::uint64_t> place() {
        if (!placed_ || segment_ >= image_.segments().size()) {
            stop(fmt::format("segment {} does not exist", segment_));
            return std::nullopt;
        }
        const Segment& segment = image_.segments()[segment_];
        if (!range_fits(offset_, pointer_size, segment.memory_size)) {
            stop(fmt::format("offset {:#x} is outside segment {}", offset_, segment_));
            return std::nullopt;
        }
        if (!spend()) return std::nullopt;
        return segment.address + offset_;
    }

    // One more place: false, and the end, when there are more than the file has room for.
    bool spend() {
        if (left_ == 0) {
            stop("it writes more places than the file has room for");
            return false;
        }
        --left_;
        return true;
    }

    void stop(const std::string& reason) {
        if (stopped_) return;
        stopped_ = true;
        sink_.add(Finding(RuleId::MACHO_BIND_MALFORMED, Evidence::bytes("macho/dyld_info/" + std::string(what_), opcode_offset, 1, reason))
                      .with("program", std::string(what_))
                      .with("reason", reason));
    }

    [[nodiscard]] bool stopped() const { return stopped_; }
    [[nodiscard]] std::uint32_t segment() const { return segment_; }

    Reader reader;
    std::uint64_t pointer_size;
    std::uint64_t opcode_offset = 0;   // of the opcode being run, in the file on disk

private:
    const Image& image_;
    std::string_view what_;
    finding::Sink& sink_;
    std::uint64_t left_;
    std::uint32_t segment_ = 0;
    std::uint64_t offset_ = 0;
    bool placed_ = false;
    bool stopped_ = false;
};

class BindProgram {
public:
    BindProgram(const Image& image, View bytes, BindKind kind, std::string_view what, Binds& out, finding::Sink& sink)
        : program_(image, bytes, what, sink), out_(out) {
        current_.kind = kind;
        current_.type = 1;
        current_.ordinal = kind == BindKind::weak ? ordinal_weak_lookup : ordinal_self;
    }

    void run() {
        while (program_.reader.remaining() > 0 && !program_.stopped()) {
            program_.opcode_offset = program_.reader.file_offset();
            std::uint8_t byte = program_.reader.u8();
            bool done = (byte & opcode_mask) == bind_done;
            // A lazy program ends each of its entries with DONE; the others end with it.
            if (done && current_.kind != BindKind::lazy) break;
            if (!done) step(byte & opcode_mask, byte & immediate_mask);
            if (!program_.reader.ok()) program_.stop("it ends within an opcode");
        }
        if (program_.stopped()) out_.complete = false;
    }

private:
    void step(std::uint8_t opcode, std::uint8_t immediate) {
        Reader& reader = program_.reader;
        switch (opcode) {
            case bind_set_dylib_ordinal_imm: current_.ordinal = immediate; break;
            case bind_set_dylib_ordinal_uleb: set_ordinal(reader.uleb128()); break;
            case bind_set_dylib_special_imm:
                current_.ordinal = immediate == 0 ? 0 : static_cast<std::int8_t>(opcode_mask | immediate);
                break;
            case bind_set_symbol: set_symbol(immediate); break;
            case bind_set_type: current_.type = immediate; break;
            case bind_set_addend: current_.addend = reader.sleb128(); break;
            case bind_set_segment_and_offset: program_.set_place(immediate, reader.uleb128()); break;
            case bind_add_address: program_.advance(reader.uleb128()); break;
            case bind_do: bind(program_.pointer_size); break;
            case bind_do_add_address: bind(program_.pointer_size + reader.uleb128()); break;
            case bind_do_add_address_scaled: bind(program_.pointer_size * (std::uint64_t{immediate} + 1)); break;
            case bind_do_times_skipping: {
                std::uint64_t count = reader.uleb128();
                std::uint64_t skip = reader.uleb128();
                while (count-- > 0 && !program_.stopped() && reader.ok()) bind(program_.pointer_size + skip);
                break;
            }
            case bind_threaded: threaded(immediate); break;
            default: program_.stop(fmt::format("opcode {:#x} is not defined", opcode | immediate));
        }
    }

    void set_ordinal(std::uint64_t ordinal) {
        if (ordinal > 0xffff) {
            program_.stop(fmt::format("library ordinal {} is too large", ordinal));
        } else {
            current_.ordinal = static_cast<std::int32_t>(ordinal);
        }
    }

    void set_symbol(std::uint8_t flags) {
        current_.symbol = program_.reader.c_string();
        current_.symbol_flags = flags;
        if (program_.reader.ok() && (flags & bind_non_weak_definition) != 0) {
            out_.strong_definitions.push_back({current_.symbol, program_.opcode_offset});
        }
    }

    // BIND_OPCODE_THREADED, the arm64e format before chained fixups. Its first form sets the size of an ordinal table, which the binds
    // that follow fill; its second starts the chains in the data that refer to that table.
    void threaded(std::uint8_t sub) {
        if (sub == 0) {
            ordinal_table_ = true;
            static_cast<void>(program_.reader.uleb128());
        } else if (sub != 1) {
            program_.stop(fmt::format("threaded opcode {:#x} is not defined", sub));
        }
    }

    void bind(std::uint64_t step) {
        if (!program_.reader.ok()) return;
        current_.file_offset = program_.opcode_offset;
        if (ordinal_table_) {   // no place yet: the chains name it
            if (!program_.spend()) return;
            current_.segment = 0;
            current_.address = 0;
            out_.binds.push_back(current_);
            return;
        }
        auto address = program_.place();
        if (!address) return;
        current_.segment = program_.segment();
        current_.address = *address;
        out_.binds.push_back(current_);
        program_.advance(step);
    }

    Program program_;
    Binds& out_;
    Bind current_;
    bool ordinal_table_ = false;
};

class RebaseProgram {
public:
    RebaseProgram(const Image& image, View bytes, Rebases& out, finding::Sink& sink) : program_(image, bytes, "rebase", sink), out_(out) {}

    void run() {
        while (program_.reader.remaining() > 0 && !program_.stopped()) {
            program_.opcode_offset = program_.reader.file_offset();
            std::uint8_t byte = program_.reader.u8();
            if ((byte & opcode_mask) == rebase_done) break;
            step(byte & opcode_mask, byte & immediate_mask);
            if (!program_.reader.ok()) program_.stop("it ends within an opcode");
        }
        if (program_.stopped()) out_.complete = false;
    }

private:
    void step(std::uint8_t opcode, std::uint8_t immediate) {
        Reader& reader = program_.reader;
        switch (opcode) {
            case rebase_set_type: type_ = immediate; break;
            case rebase_set_segment_and_offset: program_.set_place(immediate, reader.uleb128()); break;
            case rebase_add_address: program_.advance(reader.uleb128()); break;
            case rebase_add_address_scaled: program_.advance(program_.pointer_size * immediate); break;
            case rebase_do_times: rebase(immediate, 0); break;
            case rebase_do_times_uleb: rebase(reader.uleb128(), 0); break;
            case rebase_do_add_address: rebase(1, reader.uleb128()); break;
            case rebase_do_times_skipping: {
                std::uint64_t count = reader.uleb128();
                rebase(count, reader.uleb128());
                break;
            }
            default: program_.stop(fmt::format("opcode {:#x} is not defined", opcode | immediate));
        }
    }

    void rebase(std::uint64_t count, std::uint64_t skip) {
        while (count-- > 0 && program_.reader.ok()) {
            auto address = program_.place();
            if (!address) return;
            out_.rebases.push_back({program_.segment(), *address, type_});
            program_.advance(program_.pointer_size + skip);
        }
    }

    Program program_;
    Rebases& out_;
    std::uint8_t type_ = 0;
};

const LoadCommand* dyld_info_command(const Image& image) {
    const LoadCommand* command = image.find_command(lc_dyld_info_only);
    return command != nullptr ? command : image.find_command(lc_dyld_info);
}

}  // namespace

bool Bind::weak_import() const { return (symbol_flags & bind_weak_import) != 0; }

bool has_dyld_info(const Image& image) { return dyld_info_command(image) != nullptr; }

std::optional<DyldInfo> read_dyld_info(const Image& image, finding::Sink& sink) {
    DyldInfo info;
    info.command = dyld_info_command(image);
    if (info.command == nullptr) return std::nullopt;
    struct Range {
        View* view;
        std::string_view what;
        std::uint64_t offset;
        std::uint64_t size;
    };
    Range ranges[] = {{&info.rebase, "the rebase program", 0, 0},
                      {&info.bind, "the bind program", 0, 0},
                      {&info.weak_bind, "the weak bind program", 0, 0},
                      {&info.lazy_bind, "the lazy bind program", 0, 0},
                      {&info.exports, "the exports trie", 0, 0}};
    Reader reader = info.command->fields(image.header().order);
    for (Range& range : ranges) {
        range.offset = reader.u32();
        range.size = reader.u32();
    }
    if (!fields_fit(*info.command, reader, sink)) return std::nullopt;
    for (Range& range : ranges) {
        if (range.size != 0) *range.view = image.table(*info.command, range.what, range.offset, range.size, sink);
    }
    return info;
}

Result<Binds> read_binds(const Image& image, finding::Sink& sink) {
    Binds binds;
    auto info = read_dyld_info(image, sink);
    if (!info) return binds;
    BindProgram(image, info->bind, BindKind::regular, "bind", binds, sink).run();
    BindProgram(image, info->weak_bind, BindKind::weak, "weak_bind", binds, sink).run();
    BindProgram(image, info->lazy_bind, BindKind::lazy, "lazy_bind", binds, sink).run();
    return binds;
}

Result<Rebases> read_rebases(const Image& image, finding::Sink& sink) {
    Rebases rebases;
    auto info = read_dyld_info(image, sink);
    if (info) RebaseProgram(image, info->rebase, rebases, sink).run();
    return rebases;
}

}  // namespace abiscope::macho
