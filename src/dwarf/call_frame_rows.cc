// The instructions of call frame information, executed up to an address (DWARF 5, section 6.4.2).
#include <vector>

#include "bytes/reader.h"
#include "dwarf/call_frames.h"

namespace abiscope::dwarf {

namespace {

// DW_CFA_*: DWARF 5, section 7.24, and the GNU ones of binutils' include/dwarf2.def.
namespace cfa {
constexpr std::uint8_t set_loc = 0x01;
constexpr std::uint8_t advance_loc1 = 0x02;
constexpr std::uint8_t advance_loc2 = 0x03;
constexpr std::uint8_t advance_loc4 = 0x04;
constexpr std::uint8_t offset_extended = 0x05;
constexpr std::uint8_t restore_extended = 0x06;
constexpr std::uint8_t undefined = 0x07;
constexpr std::uint8_t same_value = 0x08;
constexpr std::uint8_t register_ = 0x09;
constexpr std::uint8_t remember_state = 0x0a;
constexpr std::uint8_t restore_state = 0x0b;
constexpr std::uint8_t def_cfa = 0x0c;
constexpr std::uint8_t def_cfa_register = 0x0d;
constexpr std::uint8_t def_cfa_offset = 0x0e;
constexpr std::uint8_t def_cfa_expression = 0x0f;
constexpr std::uint8_t expression = 0x10;
constexpr std::uint8_t offset_extended_sf = 0x11;
constexpr std::uint8_t def_cfa_sf = 0x12;
constexpr std::uint8_t def_cfa_offset_sf = 0x13;
constexpr std::uint8_t val_offset = 0x14;
constexpr std::uint8_t val_offset_sf = 0x15;
constexpr std::uint8_t val_expression = 0x16;
constexpr std::uint8_t aarch64_negate_ra_state = 0x2d;   // GNU_window_save on SPARC
constexpr std::uint8_t gnu_args_size = 0x2e;
constexpr std::uint8_t gnu_negative_offset_extended = 0x2f;
}  // namespace cfa

constexpr std::size_t most_states = 256;
constexpr int most_remembered = 4096;           // each is a copy of the row
constexpr std::uint64_t most_registers = 256;   // no machine has as many, and a row must stay small

using Kind = RegisterRule::Kind;

class Execution {
public:
    Execution(const FrameEntry& entry, std::uint8_t address_size, Endian order) : entry_(entry), wide_(address_size == 8), order_(order) {}

    std::optional<FrameRow> run(std::uint64_t address) {
        target_ = ~std::uint64_t{0};
        if (!execute(entry_.initial_instructions)) return std::nullopt;
        initial_ = row_;
        location_ = entry_.start;
        target_ = address;
        if (!execute(entry_.instructions)) return std::nullopt;
        return row_;
    }

private:
    // False when it is damaged; stops where the next row would start behind the target.
    bool execute(View instructions) {
        Reader reader(instructions, order_, "call frame instructions");
        while (reader.remaining() > 0) {
            std::uint8_t byte = reader.u8();
            std::uint8_t low = byte & 0x3f;
            bool fine = true;
            switch (byte >> 6) {
                case 1: advance(low); break;
                case 2: fine = set(low, {.kind = Kind::offset, .offset = factored(reader.uleb128())}); break;
                case 3: restore(low); break;
                default: fine = extended(low, reader); break;
            }
            if (!fine || !reader.ok()) return false;
            if (location_ > target_) return true;
        }
        return true;
    }

    // The row in force is the one before a step that goes beyond the target, so a step too far changes nothing but the place.
    void advance(std::uint64_t units) { location_ += units * entry_.code_alignment; }

    [[nodiscard]] std::int64_t factored(std::uint64_t value) const {
        return static_cast<std::int64_t>(value * static_cast<std::uint64_t>(entry_.data_alignment));
    }

    bool set(std::uint64_t number, RegisterRule rule) {
        if (number >= most_registers) return false;
        row_.registers[number] = rule;
        return true;
    }

    void restore(std::uint64_t number) {
        auto found = initial_.registers.find(number);
        if (found == initial_.registers.end()) row_.registers.erase(number);
        else row_.registers[number] = found->second;
    }

    bool define_cfa(std::uint64_t number, std::int64_t offset) {
        row_.cfa_register = number;
        row_.cfa_offset = offset;
        row_.cfa_expression = {};
        return true;
    }

    bool extended(std::uint8_t code, Reader& reader) {
        switch (code) {
            case 0: return true;
            case cfa::set_loc: location_ = reader.word(wide_); return (entry_.pointer_encoding & 0x7f) == 0;
            case cfa::advance_loc1: advance(reader.u8()); return true;
            case cfa::advance_loc2: advance(reader.u16()); return true;
            case cfa::advance_loc4: advance(reader.u32()); return true;
            case cfa::restore_extended: restore(reader.uleb128()); return true;
            case cfa::remember_state: states_.push_back(row_); return states_.size() <= most_states;
            case cfa::restore_state:
                if (states_.empty()) return false;
                row_ = std::move(states_.back());
                states_.pop_back();
                return true;
            case cfa::gnu_args_size: static_cast<void>(reader.uleb128()); return true;
            case cfa::aarch64_negate_ra_state: return true;   // the return address is signed: its bits are stripped where it is read
            default:
                return code >= cfa::def_cfa && code <= cfa::def_cfa_expression  ? define(code, reader)
                    : code == cfa::def_cfa_sf || code == cfa::def_cfa_offset_sf ? define(code, reader)
                                                                                : rule(code, reader);
        }
    }

    bool define(std::uint8_t code, Reader& reader) {
        switch (code) {
            case cfa::def_cfa: {
                std::uint64_t number = reader.uleb128();
                return define_cfa(number, static_cast<std::int64_t>(reader.uleb128()));
            }
            case cfa::def_cfa_sf: {
                std::uint64_t number = reader.uleb128();
                return define_cfa(number, factored(static_cast<std::uint64_t>(reader.sleb128())));
            }
            case cfa::def_cfa_register: return define_cfa(reader.uleb128(), row_.cfa_offset);
            case cfa::def_cfa_offset: return define_cfa(row_.cfa_register, static_cast<std::int64_t>(reader.uleb128()));
            case cfa::def_cfa_offset_sf: return define_cfa(row_.cfa_register, factored(static_cast<std::uint64_t>(reader.sleb128())));
            default: row_.cfa_expression = reader.bytes(reader.uleb128()); return true;
        }
    }

    bool rule(std::uint8_t code, Reader& reader) {
        std::uint64_t number = reader.uleb128();
        switch (code) {
            case cfa::offset_extended: return set(number, {.kind = Kind::offset, .offset = factored(reader.uleb128())});
            case cfa::offset_extended_sf:
                return set(number, {.kind = Kind::offset, .offset = factored(static_cast<std::uint64_t>(reader.sleb128()))});
            case cfa::gnu_negative_offset_extended: return set(number, {.kind = Kind::offset, .offset = factored(0 - reader.uleb128())});
            case cfa::val_offset: return set(number, {.kind = Kind::value_offset, .offset = factored(reader.uleb128())});
            case cfa::val_offset_sf:
                return set(number, {.kind = Kind::value_offset, .offset = factored(static_cast<std::uint64_t>(reader.sleb128()))});
            case cfa::undefined: return set(number, {.kind = Kind::undefined});
            case cfa::same_value: return set(number, {.kind = Kind::same_value});
            case cfa::register_: return set(number, {.kind = Kind::in_register, .number = reader.uleb128()});
            case cfa::expression: return set(number, {.kind = Kind::expression, .expression = reader.bytes(reader.uleb128())});
            case cfa::val_expression: return set(number, {.kind = Kind::value_expression, .expression = reader.bytes(reader.uleb128())});
            default: return false;
        }
    }

    const FrameEntry& entry_;
    bool wide_;
    Endian order_;
    FrameRow row_;
    FrameRow initial_;
    std::vector<FrameRow> states_;
    int remembered_ = 0;
    std::uint64_t location_ = 0;
    std::uint64_t target_ = 0;
};

}  // namespace

std::optional<FrameRow> CallFrames::row(const FrameEntry& entry, std::uint64_t address) const {
    return Execution(entry, address_size_, order_).run(address);
}

}  // namespace abiscope::dwarf
