#include "disasm/references.h"

#include <algorithm>
#include <atomic>

#include <tbb/parallel_for.h>

#include "base/checked.h"
#include "bytes/endian.h"
#include "disasm/decoder.h"
#include "disasm/sweep_raw.h"
#include "disasm/x86_fast.h"

namespace abiscope::disasm {

namespace {

// Counts are sums and places minima, so that the order in which threads come does not matter.
class Collector {
public:
    Collector(const Code& code, std::vector<References>& references) : code_(code), references_(references) {
        for (const CodeRange& range : code.ranges()) starts_.push_back({range.address, std::vector<bool>(range.bytes.size())});
        for (const Function& function : code.functions()) {
            if (Starts* starts = starts_of(function.address)) starts->at[function.address - starts->address] = true;
        }
        for (References& each : references_) each.first_branch = each.first_taken = no_address;
    }

    void branch(std::uint64_t from, std::uint64_t target) {
        auto function = function_that_starts_at(target);
        if (!function) return;
        AddressRange extent = code_.extent(*function);
        if (range_contains(extent.address, extent.size, from)) return;
        count(references_[*function].branches, references_[*function].first_branch, from);
    }

    void taken(std::uint64_t from, std::uint64_t address) {
        if (auto function = function_that_starts_at(address))
            count(references_[*function].address_taken, references_[*function].first_taken, from);
    }

    void finish() {
        for (References& each : references_) {
            if (each.branches == 0) each.first_branch = 0;
            if (each.address_taken == 0) each.first_taken = 0;
        }
    }

private:
    // Most branches stay in their function: one bit tells, where a search would take a hundred times as long.
    struct Starts {
        std::uint64_t address;
        std::vector<bool> at;
    };

    [[nodiscard]] Starts* starts_of(std::uint64_t address) {
        auto after = std::ranges::upper_bound(starts_, address, {}, &Starts::address);
        if (after == starts_.begin()) return nullptr;
        Starts& starts = *std::prev(after);
        return address - starts.address < starts.at.size() ? &starts : nullptr;
    }

    [[nodiscard]] std::optional<std::size_t> function_that_starts_at(std::uint64_t address) {
        const Starts* starts = starts_of(address);
        if (starts == nullptr || !starts->at[address - starts->address]) return std::nullopt;
        auto function = std::ranges::lower_bound(code_.functions(), address, {}, &Function::address);
        if (function == code_.functions().end() || function->address != address) return std::nullopt;
        return static_cast<std::size_t>(function - code_.functions().begin());
    }

    static void count(std::uint64_t& counter, std::uint64_t& first, std::uint64_t from) {
        std::atomic_ref(counter).fetch_add(1, std::memory_order_relaxed);
        std::atomic_ref place(first);
        std::uint64_t known = place.load(std::memory_order_relaxed);
        while (from < known && !place.compare_exchange_weak(known, from, std::memory_order_relaxed)) {}
    }

    const Code& code_;
    std::vector<References>& references_;
    std::vector<Starts> starts_;
};

// The two shapes that matter end in four bytes of displacement or immediate.
void look_at_x86(Collector& found, const std::byte* at, std::size_t length, std::uint64_t address, bool wide) {
    if (length < 2) return;
    auto byte = [at](std::size_t i) { return static_cast<unsigned>(at[i]); };
    std::uint64_t next = address + length;
    auto wrap = [wide](std::uint64_t value) { return wide ? value : value & 0xffffffff; };
    if (length == 2) {
        if ((byte(0) & 0xf0) == 0x70 || byte(0) == 0xeb) {
            found.branch(address, wrap(next + static_cast<std::uint64_t>(std::int64_t{load<std::int8_t>(at + 1, Endian::little)})));
        }
        return;
    }
    if (length < 5) return;
    auto last = static_cast<std::uint64_t>(std::int64_t{load<std::int32_t>(at + length - 4, Endian::little)});
    unsigned opcode = byte(length - 5);
    bool near_branch = (opcode == 0xe8 || opcode == 0xe9) && length <= 6;
    bool conditional = length >= 6 && length <= 7 && byte(length - 6) == 0x0f && (opcode & 0xf0) == 0x80;
    if (near_branch || conditional) {
        found.branch(address, wrap(next + last));
        return;
    }
    bool rip_relative = wide && length == 7 && (byte(0) & 0xf8) == 0x48 && byte(1) == 0x8d && (byte(2) & 0xc7) == 5;
    if (rip_relative) {
        found.taken(address, next + last);
        return;
    }
    unsigned first = wide && (byte(0) & 0xf0) == 0x40 ? byte(1) : byte(0);
    if (first == 0x68 || (first & 0xf8) == 0xb8 || first == 0xc7) found.taken(address, last & 0xffffffff);
}

template <bool Wide>
std::size_t length_at(const x86::FastDecoder& decoder, std::span<const std::byte> bytes) {
    if (bytes.size() >= x86::fast_read_ahead) {
        x86::Step step = x86::plain_step<Wide>(bytes.data());
        if (step.plain) return step.length;
    }
    return std::max<std::size_t>(decoder.measure(bytes.data(), bytes.size()).length, 1);
}

// One piece. Where it was guessed that an instruction starts, the first bytes are only for falling into step.
template <bool Wide>
void scan_x86(const x86::FastDecoder& decoder, const Section& section, const Piece& piece, Collector& found) {
    std::size_t from = piece.start + (piece.guessed ? run_in : 0);
    std::size_t end = std::min(piece.end + (piece.next_guessed ? run_in : 0), section.bytes.size());
    auto sync = std::ranges::lower_bound(section.syncs, piece.start, {}, &SyncPoint::start);
    for (std::size_t at = piece.start; at < end;) {
        while (sync != section.syncs.end() && sync->start <= at) at = (sync++)->start;
        std::size_t length = length_at<Wide>(decoder, section.bytes.subspan(at));
        if (at >= from) look_at_x86(found, section.bytes.data() + at, length, section.address + at, Wide);
        at += length;
    }
}

// B, BL, B.cond, CBZ, CBNZ, TBZ and TBNZ (Arm ARM C4.1.86).
void scan_arm64(const Section& section, const Piece& piece, Collector& found) {
    std::size_t first = piece.start + (4 - (section.address + piece.start) % 4) % 4;
    for (std::size_t at = first; at < piece.end && section.bytes.size() - at >= 4; at += 4) {
        auto word = load<std::uint32_t>(section.bytes.data() + at, Endian::little);
        auto displacement = [&](unsigned low, unsigned bits) {
            return static_cast<std::uint64_t>(static_cast<std::int64_t>(std::uint64_t{word >> low} << (64 - bits)) >> (64 - bits)) * 4;
        };
        std::uint64_t address = section.address + at;
        if ((word & 0x7c000000) == 0x14000000) found.branch(address, address + displacement(0, 26));
        else if ((word & 0xff000000) == 0x54000000 || (word & 0x7e000000) == 0x34000000)
            found.branch(address, address + displacement(5, 19));
        else if ((word & 0x7e000000) == 0x36000000) found.branch(address, address + displacement(5, 14));
    }
}

void scan_others(const Code& code, Collector& found) {
    auto decoder = Decoder::create(code.architecture(), code.order());
    if (!decoder) return;
    std::size_t step = instruction_alignment(code.architecture());
    for (const Section& section : sections_of(code)) {
        for (std::size_t at = 0; at < section.bytes.size();) {
            auto flow = decoder->flow(section.bytes.subspan(at), section.address + at);
            if (flow && flow->target) found.branch(section.address + at, *flow->target);
            at += flow ? flow->length : step;
        }
    }
}

}  // namespace

ReferenceIndex::ReferenceIndex(const Code& code) : references_(code.functions().size()) {
    Collector found(code, references_);
    bool arm64 = code.architecture() == Architecture::arm64;
    if (!arm64 && !is_x86(code.architecture())) {
        scan_others(code, found);
    } else {
        x86::FastDecoder decoder(arm64 ? Architecture::x86_64 : code.architecture());
        for (const Section& section : sections_of(code)) {
            std::vector<Piece> pieces = pieces_of(section, usual_piece);
            tbb::parallel_for(std::size_t{0}, pieces.size(), [&](std::size_t i) {
                if (arm64) scan_arm64(section, pieces[i], found);
                else if (decoder.wide()) scan_x86<true>(decoder, section, pieces[i], found);
                else scan_x86<false>(decoder, section, pieces[i], found);
            });
        }
    }
    found.finish();
}

}  // namespace abiscope::disasm
