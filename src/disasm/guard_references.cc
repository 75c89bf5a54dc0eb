#include <algorithm>
#include <optional>

#include "disasm/guards.h"
#include "disasm/sweep_raw.h"
#include "disasm/x86_fast.h"

namespace abiscope::disasm {

namespace {

class Wanted {
public:
    Wanted(const Code& code, std::span<const std::size_t> functions) : references_(functions.size()) {
        for (std::size_t i = 0; i < functions.size(); ++i) list_.push_back({code.extent(functions[i]), i});
        std::ranges::sort(list_, {}, [](const Entry& entry) { return entry.extent.address; });
    }

    void branch(std::uint64_t from, std::uint64_t target) {
        for (const Entry& entry : at(target)) {
            if (range_contains(entry.extent.address, entry.extent.size, from)) continue;
            References& found = references_[entry.index];
            if (found.branches++ == 0) found.first_branch = from;
        }
    }

    void taken(std::uint64_t from, std::uint64_t address) {
        for (const Entry& entry : at(address)) {
            References& found = references_[entry.index];
            if (found.address_taken++ == 0) found.first_taken = from;
        }
    }

    [[nodiscard]] std::vector<References> take() { return std::move(references_); }

private:
    struct Entry {
        AddressRange extent;
        std::size_t index;
    };

    [[nodiscard]] std::span<const Entry> at(std::uint64_t address) const {
        auto found = std::ranges::equal_range(list_, address, {}, [](const Entry& entry) { return entry.extent.address; });
        return {found.begin(), found.end()};
    }

    std::vector<Entry> list_;
    std::vector<References> references_;
};

// The two shapes that matter end in four bytes of displacement or immediate.
void look_at_x86(Wanted& wanted, const std::byte* at, std::size_t length, std::uint64_t address, bool wide) {
    if (length < 2) return;
    auto byte = [at](std::size_t i) { return static_cast<unsigned>(at[i]); };
    std::uint64_t next = address + length;
    auto wrap = [wide](std::uint64_t value) { return wide ? value : value & 0xffffffff; };
    if (length == 2) {
        if ((byte(0) & 0xf0) == 0x70 || byte(0) == 0xeb) {
            wanted.branch(address, wrap(next + static_cast<std::uint64_t>(std::int64_t{load<std::int8_t>(at + 1, Endian::little)})));
        }
        return;
    }
    if (length < 5) return;
    auto last = static_cast<std::uint64_t>(std::int64_t{load<std::int32_t>(at + length - 4, Endian::little)});
    unsigned opcode = byte(length - 5);
    bool near_branch = (opcode == 0xe8 || opcode == 0xe9) && length <= 6;
    bool conditional = length >= 6 && length <= 7 && byte(length - 6) == 0x0f && (opcode & 0xf0) == 0x80;
    if (near_branch || conditional) {
        wanted.branch(address, wrap(next + last));
        return;
    }
    bool rip_relative = wide && length == 7 && (byte(0) & 0xf8) == 0x48 && byte(1) == 0x8d && (byte(2) & 0xc7) == 5;
    if (rip_relative) {
        wanted.taken(address, next + last);
        return;
    }
    unsigned first = wide && (byte(0) & 0xf0) == 0x40 ? byte(1) : byte(0);
    if (first == 0x68 || (first & 0xf8) == 0xb8 || first == 0xc7) wanted.taken(address, last & 0xffffffff);
}

void scan_x86(const Code& code, Wanted& wanted) {
    x86::FastDecoder decoder(code.architecture());
    bool wide = decoder.wide();
    for (const Section& section : sections_of(code)) {
        std::size_t size = section.bytes.size();
        auto sync = section.syncs.begin();
        for (std::size_t at = 0; at < size;) {
            while (sync != section.syncs.end() && sync->start <= at) {
                at = sync->start;
                ++sync;
            }
            std::size_t length = std::max<std::size_t>(decoder.measure(section.bytes.data() + at, size - at).length, 1);
            look_at_x86(wanted, section.bytes.data() + at, length, section.address + at, wide);
            at += length;
        }
    }
}

void scan_others(const Code& code, Wanted& wanted) {
    auto decoder = Decoder::create(code.architecture(), code.order());
    if (!decoder) return;
    std::size_t step = instruction_alignment(code.architecture());
    for (const Section& section : sections_of(code)) {
        for (std::size_t at = 0; at < section.bytes.size();) {
            auto flow = decoder->flow(section.bytes.subspan(at), section.address + at);
            if (flow && flow->target) wanted.branch(section.address + at, *flow->target);
            at += flow ? flow->length : step;
        }
    }
}

}  // namespace

std::vector<References> references_to(const Code& code, std::span<const std::size_t> functions) {
    Wanted wanted(code, functions);
    if (functions.empty()) return wanted.take();
    if (is_x86(code.architecture())) scan_x86(code, wanted);
    else scan_others(code, wanted);
    return wanted.take();
}

}  // namespace abiscope::disasm
