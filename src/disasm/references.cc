#include "disasm/references.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <iterator>
#include <numeric>
#include <utility>

#include <tbb/parallel_for.h>

#include "bytes/endian.h"
#include "disasm/sweep_raw.h"

namespace abiscope::disasm {

namespace {

// Bytes looked at together, with a bit of a mask for each, and what is read before them.
constexpr std::size_t block = 64;
constexpr std::size_t lead_in = 6, word = 4;

using Flags = std::array<std::uint8_t, block>;

// So far behind the address that a displacement says may lie the last byte of an operand: an immediate of four bytes may follow it.
constexpr std::uint64_t immediate = 4, largest_operand = 64;
constexpr std::uint64_t farthest = immediate + largest_operand;

// The lowest bit of each byte, side by side.
std::uint64_t bits_of(const Flags& flags) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < block; i += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, flags.data() + i, sizeof(eight));
        bits |= (eight * 0x0102'0408'1020'4080) >> 56 << i;
    }
    return bits;
}

// Where a displacement of four bytes would stand: behind CALL, JMP, Jcc, or a ModRM byte that says "relative to RIP".
std::uint64_t displacements(const std::uint8_t* bytes) {
    Flags flags;
    for (std::size_t i = 0; i < block; ++i) {
        std::uint8_t before = bytes[i + lead_in - 1];
        bool branch = (before & 0xfe) == 0xe8;
        bool conditional = static_cast<int>((before & 0xf0) == 0x80) & static_cast<int>(bytes[i + lead_in - 2] == 0x0f);
        bool relative = (before & 0xc7) == 0x05;
        flags[i] = static_cast<std::uint8_t>(branch | conditional | relative);
    }
    return bits_of(flags);
}

// Four bytes that may be an address of a range, told by the upper two.
class AddressFilter {
public:
    AddressFilter(std::uint64_t first, std::uint64_t last)
        : first_third_(byte_of(first, 2)),
          first_fourth_(byte_of(first, 3)),
          last_third_(byte_of(last, 2)),
          last_fourth_(byte_of(last, 3)) {}

    [[nodiscard]] std::uint64_t among(const std::uint8_t* bytes) const {
        Flags flags;
        for (std::size_t i = 0; i < block; ++i) {
            std::uint8_t third = bytes[i + lead_in + 2], fourth = bytes[i + lead_in + 3];
            bool first_same = static_cast<int>(fourth == first_fourth_) & static_cast<int>(third >= first_third_);
            bool last_same = static_cast<int>(fourth == last_fourth_) & static_cast<int>(third <= last_third_);
            bool from_first = static_cast<int>(fourth > first_fourth_) | static_cast<int>(first_same);
            bool to_last = static_cast<int>(fourth < last_fourth_) | static_cast<int>(last_same);
            flags[i] = static_cast<std::uint8_t>(from_first & to_last);
        }
        return bits_of(flags);
    }

private:
    static std::uint8_t byte_of(std::uint64_t address, unsigned index) { return static_cast<std::uint8_t>(address >> index * 8); }

    std::uint8_t first_third_, first_fourth_, last_third_, last_fourth_;
};

// Whether `address` lies in the range or so many bytes before it.
bool holds(const AddressRange& range, std::uint64_t address, std::uint64_t before) {
    return address - (range.address - before) < range.size + before;
}

}  // namespace

// What one piece of code refers to.
class References::Scan {
public:
    Scan(const FunctionStarts& starts, const ReferenceOptions& options, const AddressRange& data)
        : starts_(starts), dead_ends_(options.dead_ends), apart_(options.apart), data_(data) {
        constexpr std::uint64_t too_high = std::uint64_t{1} << 32;
        std::uint64_t first = starts.lowest();
        std::uint64_t last = first + (starts.span() - 1);
        if (data_.size != 0) {
            first = std::min(first, data_.address);
            last = std::max(last, data_.address + (data_.size - 1));
        }
        if (options.absolute && first < too_high) absolute_.emplace(first, std::min(last, too_high - 1));
    }

    void read(const Section& section, const Piece& piece) {
        if (section.syncs.empty()) return;
        section_ = &section;
        auto sync = std::ranges::upper_bound(section.syncs, piece.start, {}, &SyncPoint::start);
        next_ = sync == section.syncs.begin() ? sync : std::prev(sync);
        enter_next();
        for (std::size_t at = piece.start; at < piece.end; at += block) read_block(at, std::min(block, piece.end - at));
    }

    // So many of `references`, behind those of the run before.
    struct Run {
        std::uint32_t function = 0;
        std::uint32_t count = 0;
    };

    std::vector<Reference> references;
    std::vector<Run> runs;
    std::vector<std::uint32_t> leads_outside;
    std::vector<DataUse> uses;

private:
    void enter_next() {
        body_ = *next_++;
        next_start_ = next_ == section_->syncs.end() ? section_->bytes.size() : next_->start;
        body_.end = std::min(body_.end, next_start_);
    }

    void read_block(std::size_t at, std::size_t count) {
        std::span<const std::byte> bytes = section_->bytes;
        if (bytes.size() - at < word) return;
        count = std::min(count, bytes.size() - at - (word - 1));
        std::array<std::byte, lead_in + block + word> edge{};
        const std::byte* from = edge.data();
        if (at >= lead_in && bytes.size() - at >= block + word) {
            from = bytes.data() + at - lead_in;
        } else {
            std::size_t lead = std::min(at, lead_in);
            std::memcpy(edge.data() + lead_in - lead, bytes.data() + at - lead, lead + std::min(bytes.size() - at, block + word));
        }
        const auto* raw = reinterpret_cast<const std::uint8_t*>(from);
        std::uint64_t within = count == block ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
        std::uint64_t relative = displacements(raw) & within;
        std::uint64_t either = relative | (absolute_ ? absolute_->among(raw) & within : 0);
        for (; either != 0; either &= either - 1) {
            auto i = static_cast<std::size_t>(std::countr_zero(either));
            while (at + i >= next_start_) enter_next();
            if (at + i < body_.start || at + i >= body_.end) continue;
            auto value = load<std::uint32_t>(from + lead_in + i, Endian::little);
            if ((relative >> i & 1) != 0) {
                std::uint64_t next = section_->address + at + i + word;
                std::uint64_t address = next + static_cast<std::uint64_t>(static_cast<std::int32_t>(value));
                if (is_branch(raw[i + lead_in - 1])) branch_to(address);
                else relate_to(address, raw + i + lead_in - 1);
            }
            // Most such values mean nothing.
            if (absolute_ && (value - data_.address < data_.size || starts_.may_start(value))) point_to(value);
        }
    }

    // Of an instruction by its ModRM byte and those before that (Intel SDM volume 2, appendix A, "Opcode Map").
    static Manner manner_of(const std::uint8_t* modrm) {
        constexpr std::uint8_t escape = 0x0f, vex2 = 0xc5, vex3 = 0xc4, xop = 0x8f, evex = 0x62;
        bool third_map = modrm[-3] == escape && (modrm[-2] == 0x38 || modrm[-2] == 0x3a);
        bool vector = modrm[-3] == vex2 || modrm[-4] == vex3 || modrm[-4] == xop || modrm[-5] == evex;
        if (third_map || vector) return Manner::operand;
        return modrm[-2] == escape ? manner_of_second(modrm[-1]) : manner_of_first(modrm[-1], modrm[0] >> 3 & 7);
    }

    static Manner manner_of_second(std::uint8_t opcode) {
        switch (opcode) {
            case 0xb6:      // MOVZX, MOVSX
            case 0xb7:
            case 0xbe:
            case 0xbf: return Manner::reads;
            case 0xb0:      // CMPXCHG, XADD
            case 0xb1:
            case 0xc0:
            case 0xc1: return Manner::word;
            default: return (opcode & 0xf0) == 0x90 ? Manner::byte : Manner::operand;       // SETcc
        }
    }

    static Manner manner_of_first(std::uint8_t opcode, unsigned extension) {
        bool reads = false;
        switch (opcode) {
            case 0x38:      // CMP, TEST, MOV
            case 0x39:
            case 0x3a:
            case 0x3b:
            case 0x84:
            case 0x85:
            case 0x8a:
            case 0x8b: reads = true; break;
            case 0x80:      // CMP with an immediate
            case 0x83:
            case 0x81: reads = extension == 7; break;
            case 0xf6:      // TEST with an immediate
            case 0xf7: reads = extension == 0; break;
            case 0x86:      // XCHG, MOV
            case 0x87:
            case 0x88:
            case 0x89:
            case 0xc6:
            case 0xc7:
            case 0xfe:      // INC, DEC, and calls and jumps
            case 0xff: break;
            default:
                if (opcode >= 0x40) return Manner::operand;
                break;      // ADD to XOR
        }
        bool byte = (opcode & 1) == 0;
        if (reads) return byte ? Manner::reads_byte : Manner::reads;
        return byte ? Manner::byte : Manner::word;
    }

    // Of a place where a displacement stands, by the byte before it.
    static bool is_branch(std::uint8_t before) { return (before & 0xfe) == 0xe8 || (before & 0xf0) == 0x80; }

    [[nodiscard]] bool in_body(std::uint64_t address) const { return address - section_->address - body_.start < body_.end - body_.start; }

    void branch_to(std::uint64_t address) {
        if (in_body(address) || !starts_.spans(address)) return;
        if (std::ranges::any_of(dead_ends_, [&](const auto& each) { return holds(each, address, 0); })) return;
        if (auto target = starts_.around(address)) refer_to(target->index, !target->starts);
        else leads_outside.push_back(body_.function);
    }

    // An operand relative to RIP. Addresses of code are computed by LEA.
    void relate_to(std::uint64_t address, const std::uint8_t* modrm) {
        constexpr std::uint8_t lea = 0x8d;
        if (modrm[-1] == lea) point_to(address);
        else if (!starts_.spans(address)) look_at(address, manner_of(modrm));
    }

    void point_to(std::uint64_t address) {
        if (!starts_.spans(address)) return look_at(address, Manner::address);
        auto target = in_body(address) ? std::nullopt : starts_.at(address);
        if (target) refer_to(*target, false);
    }

    void look_at(std::uint64_t address, Manner manner) {
        if (address - data_.address >= data_.size || std::ranges::binary_search(apart_, address)) return;
        constexpr std::uint32_t bits = (std::uint32_t{1} << 29) - 1;
        DataUse& use = uses.emplace_back();
        use.offset = static_cast<std::uint32_t>(address - data_.address);
        use.function = body_.function & bits;
        use.manner = manner;
    }

    void refer_to(std::size_t function, bool inside) {
        auto index = static_cast<std::uint32_t>(function);
        references.push_back({.function = index & ~(std::uint32_t{1} << 31), .inside = inside ? 1U : 0U});
        if (runs.empty() || runs.back().function != body_.function) runs.push_back({body_.function, 0});
        ++runs.back().count;
    }

    const FunctionStarts& starts_;
    std::span<const AddressRange> dead_ends_;
    std::span<const std::uint64_t> apart_;
    AddressRange data_;
    std::optional<AddressFilter> absolute_;
    const Section* section_ = nullptr;
    SyncPoint body_;            // the function at hand
    std::vector<SyncPoint>::const_iterator next_;
    std::size_t next_start_ = 0;
};

std::optional<References> References::find(const Code& code, const FunctionStarts& starts, const ReferenceOptions& options) {
    // Without its immediate, an instruction seems to look at what lies before.
    std::uint64_t before = std::min(options.data.address, immediate);
    AddressRange data{options.data.address - before, options.data.size == 0 ? 0 : options.data.size + before};
    if (!starts.dense() || data.size > ~std::uint32_t{0}) return std::nullopt;
    struct Task {
        const Section* section;
        Piece piece;
        Scan scan;
    };
    std::vector<Section> sections;
    for (const CodeRange& range : code.ranges()) sections.push_back(section_of(code, range, 0, range.bytes.size()));
    std::vector<Task> tasks;
    for (const Section& section : sections) {
        for (const Piece& piece : pieces_of(section, usual_piece)) tasks.push_back({&section, piece, Scan(starts, options, data)});
    }
    tbb::parallel_for(std::size_t{0}, tasks.size(), [&](std::size_t i) { tasks[i].scan.read(*tasks[i].section, tasks[i].piece); });
    References out;
    out.data_ = data.address;
    out.absolute_only_ = code.architecture() == Architecture::x86;
    out.begin_.resize(code.functions().size() + 2);
    out.leads_outside_.resize(code.functions().size());
    for (const Task& task : tasks) {
        for (const Scan::Run& run : task.scan.runs) out.begin_[run.function + 2] += run.count;
        for (std::uint32_t function : task.scan.leads_outside) out.leads_outside_[function] = true;
        out.uses_.insert(out.uses_.end(), task.scan.uses.begin(), task.scan.uses.end());
    }
    std::partial_sum(out.begin_.begin(), out.begin_.end(), out.begin_.begin());
    out.references_.resize(out.begin_.back());
    for (const Task& task : tasks) {
        auto from = task.scan.references.begin();
        for (const Scan::Run& run : task.scan.runs) {
            std::size_t& to = out.begin_[run.function + 1];
            std::copy_n(from, run.count, out.references_.begin() + static_cast<std::ptrdiff_t>(to));
            from += run.count;
            to += run.count;
        }
    }
    return out;
}

std::uint64_t References::bytes_behind(Manner manner, std::uint64_t before) {
    constexpr std::uint64_t word_size = 8;
    switch (manner) {
        case Manner::reads_byte:
        case Manner::byte: return 1;    // an immediate of one byte
        case Manner::reads:
        case Manner::word: return immediate + word_size - 1;
        case Manner::address: return before;
        case Manner::operand: break;
    }
    return farthest;
}

std::vector<bool> References::setters(std::size_t most) const {
    std::vector<DataUse> stores;
    std::ranges::copy_if(uses_, std::back_inserter(stores), [this](const DataUse& use) {
        return !only_reads(use.manner) && (absolute_only_ || use.manner != Manner::address);
    });
    auto key = [](const DataUse& use) { return std::pair(use.offset, std::uint32_t{use.function}); };
    std::ranges::sort(stores, {}, key);
    auto same = std::ranges::unique(stores, {}, key);
    stores.erase(same.begin(), same.end());
    std::vector<bool> out(leads_outside_.size());
    for (auto first = stores.begin(); first != stores.end();) {
        auto last = std::find_if(first, stores.end(), [&](const DataUse& use) { return use.offset != first->offset; });
        bool few = static_cast<std::size_t>(last - first) <= most;
        for (; first != last; ++first) {
            if (few) out[first->function] = true;
        }
    }
    return out;
}

std::vector<Watcher> References::watching(std::span<const Watched> watched) const {
    struct End {
        std::uint64_t address = 0;
        std::uint32_t index = 0;
    };
    std::vector<End> ends;
    std::uint64_t longest = 0;
    for (std::uint32_t i = 0; i < watched.size(); ++i) {
        const AddressRange& memory = watched[i].memory;
        ends.push_back({memory.address + memory.size, i});
        longest = std::max(longest, memory.size + std::max(watched[i].before, farthest));
    }
    std::ranges::sort(ends, {}, &End::address);
    std::vector<Watcher> out;
    for (const DataUse& use : uses_) {
        std::uint64_t address = data_ + use.offset;
        auto end = std::ranges::upper_bound(ends, address, {}, &End::address);
        for (; end != ends.end() && end->address - address <= longest; ++end) {
            const Watched& each = watched[end->index];
            if (holds(each.memory, address, bytes_behind(use.manner, each.before)))
                out.push_back({.function = use.function, .watched = end->index, .only_reads = only_reads(use.manner)});
        }
    }
    auto key = [](const Watcher& each) { return std::pair(each.function, each.watched); };
    std::ranges::sort(out, {}, key);
    auto last = out.begin();
    for (const Watcher& each : out) {
        if (key(each) != key(*last)) *++last = each;
        else last->only_reads &= each.only_reads;
    }
    if (!out.empty()) out.erase(std::next(last), out.end());
    return out;
}

}  // namespace abiscope::disasm
