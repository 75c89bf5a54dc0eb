#include "disasm/references.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>

#include <tbb/parallel_for.h>

#include "bytes/endian.h"
#include "disasm/sweep_raw.h"

namespace abiscope::disasm {

namespace {

// Bytes looked at together, with a bit of a mask for each, and what is read before them.
constexpr std::size_t block = 64;
constexpr std::size_t lead_in = 2, word = 4;

using Flags = std::array<std::uint8_t, block>;

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
    AddressFilter(std::uint64_t first, std::uint64_t last) : fourth_(byte_of(first, 3)) {
        fourths_ = static_cast<std::uint8_t>(byte_of(last, 3) - fourth_);
        if (fourths_ != 0) return;
        third_ = byte_of(first, 2);
        thirds_ = static_cast<std::uint8_t>(byte_of(last, 2) - third_);
    }

    [[nodiscard]] std::uint64_t among(const std::uint8_t* bytes) const {
        Flags flags;
        for (std::size_t i = 0; i < block; ++i) {
            bool third = static_cast<std::uint8_t>(bytes[i + lead_in + 2] - third_) <= thirds_;
            bool fourth = static_cast<std::uint8_t>(bytes[i + lead_in + 3] - fourth_) <= fourths_;
            flags[i] = static_cast<std::uint8_t>(third & fourth);
        }
        return bits_of(flags);
    }

private:
    static std::uint8_t byte_of(std::uint64_t address, unsigned index) { return static_cast<std::uint8_t>(address >> index * 8); }

    std::uint8_t fourth_, fourths_ = 0, third_ = 0, thirds_ = 0xff;
};

AddressRange hull_of(std::span<const AddressRange> ranges) {
    AddressRange hull;
    std::uint64_t end = 0;
    for (const AddressRange& range : ranges) {
        if (end == 0 || range.address < hull.address) hull.address = range.address;
        end = std::max(end, range.address + range.size);
    }
    hull.size = end - hull.address;
    return hull;
}

// Whether `address` lies in the range or so many bytes before it.
bool holds(const AddressRange& range, std::uint64_t address, std::uint64_t before) {
    return address - (range.address - before) < range.size + before;
}

// As far behind what the displacement says may lie the last byte of an operand: the instruction ends behind an immediate, and the largest
// operand has 64 bytes.
constexpr std::uint64_t largest_operand = 4 + 64;

}  // namespace

// What one piece of code refers to.
class References::Scan {
public:
    Scan(const FunctionStarts& starts, const ReferenceOptions& options)
        : starts_(starts),
          dead_ends_(options.dead_ends),
          apart_(options.apart),
          watched_(options.watched),
          hull_(hull_of(watched_)),
          before_(std::max(options.before, largest_operand)) {
        constexpr std::uint64_t too_high = std::uint64_t{1} << 32;
        std::uint64_t first = starts.lowest();
        std::uint64_t last = first + (starts.span() - 1);
        if (!watched_.empty()) {
            first = std::min(first, hull_.address - std::min(hull_.address, before_));
            last = std::max(last, hull_.address + (hull_.size - 1));
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
    std::vector<std::uint32_t> watching;

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
                else relate_to(address, raw[i]);
            }
            if (absolute_) point_to(value, before_);
        }
    }

    static constexpr std::uint8_t lea = 0x8d;

    // How far behind an address an instruction with this opcode may look, at the most.
    static std::uint64_t bytes_behind(std::uint8_t opcode) {
        switch (opcode) {
            case 0x03:      // ADD, CMP, MOV, and calls and jumps: a register's worth
            case 0x39:
            case 0x3b:
            case 0x8b:
            case 0xff: return 7;
            default: return largest_operand;
        }
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
    void relate_to(std::uint64_t address, std::uint8_t opcode) {
        if (opcode == lea) point_to(address, before_);
        else if (!starts_.spans(address)) look_at(address, bytes_behind(opcode));
    }

    void point_to(std::uint64_t address, std::uint64_t before) {
        if (!starts_.spans(address)) return look_at(address, before);
        auto target = in_body(address) ? std::nullopt : starts_.at(address);
        if (target) refer_to(*target, false);
    }

    void look_at(std::uint64_t address, std::uint64_t before) {
        if (!holds(hull_, address, before) || (!watching.empty() && watching.back() == body_.function)) return;
        if (std::ranges::binary_search(apart_, address)) return;
        if (std::ranges::any_of(watched_, [&](const auto& each) { return holds(each, address, before); }))
            watching.push_back(body_.function);
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
    std::span<const AddressRange> watched_;
    AddressRange hull_;
    std::uint64_t before_;
    std::optional<AddressFilter> absolute_;
    const Section* section_ = nullptr;
    SyncPoint body_;            // the function at hand
    std::vector<SyncPoint>::const_iterator next_;
    std::size_t next_start_ = 0;
};

std::optional<References> References::find(const Code& code, const FunctionStarts& starts, const ReferenceOptions& options) {
    if (!starts.dense()) return std::nullopt;
    struct Task {
        const Section* section;
        Piece piece;
        Scan scan;
    };
    std::vector<Section> sections;
    for (const CodeRange& range : code.ranges()) sections.push_back(section_of(code, range, 0, range.bytes.size()));
    std::vector<Task> tasks;
    for (const Section& section : sections) {
        for (const Piece& piece : pieces_of(section, usual_piece)) tasks.push_back({&section, piece, Scan(starts, options)});
    }
    tbb::parallel_for(std::size_t{0}, tasks.size(), [&](std::size_t i) { tasks[i].scan.read(*tasks[i].section, tasks[i].piece); });
    References out;
    out.begin_.resize(code.functions().size() + 2);
    out.leads_outside_.resize(code.functions().size());
    for (const Task& task : tasks) {
        for (const Scan::Run& run : task.scan.runs) out.begin_[run.function + 2] += run.count;
        for (std::uint32_t function : task.scan.leads_outside) out.leads_outside_[function] = true;
        out.watching_.insert(out.watching_.end(), task.scan.watching.begin(), task.scan.watching.end());
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
    std::ranges::sort(out.watching_);
    out.watching_.erase(std::ranges::unique(out.watching_).begin(), out.watching_.end());
    return out;
}

}  // namespace abiscope::disasm
