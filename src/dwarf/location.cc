#include "dwarf/location.h"

#include "base/checked.h"
#include "bytes/reader.h"
#include "dwarf/code_ranges.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

// DW_OP_*: DWARF 5, section 7.7.1, and GNU's of split units.
namespace op {
constexpr std::uint8_t addr = 0x03;
constexpr std::uint8_t reg0 = 0x50;
constexpr std::uint8_t reg31 = 0x6f;
constexpr std::uint8_t breg0 = 0x70;
constexpr std::uint8_t breg31 = 0x8f;
constexpr std::uint8_t regx = 0x90;
constexpr std::uint8_t fbreg = 0x91;
constexpr std::uint8_t piece = 0x93;
constexpr std::uint8_t call_frame_cfa = 0x9c;
constexpr std::uint8_t stack_value = 0x9f;
constexpr std::uint8_t addrx = 0xa1;
constexpr std::uint8_t gnu_addr_index = 0xfb;
}  // namespace op

constexpr int most_entries = 1 << 16;   // of one list
constexpr std::size_t most_pieces = 1024;   // of one variable

std::optional<Location> one_operation(Reader& reader, const Debug& debug, const Unit& unit) {
    Location location;
    std::uint8_t code = reader.u8();
    auto of_register = [&](Location::Kind kind, std::uint64_t number) {
        location.kind = kind;
        location.number = number;
    };
    if (code >= op::reg0 && code <= op::reg31) {
        of_register(Location::Kind::in_register, code - op::reg0);
    } else if (code == op::regx) {
        of_register(Location::Kind::in_register, reader.uleb128());
    } else if (code >= op::breg0 && code <= op::breg31) {
        of_register(Location::Kind::at_register, code - op::breg0);
        location.offset = reader.sleb128();
    } else if (code == op::fbreg) {
        location.kind = Location::Kind::at_frame;
        location.offset = reader.sleb128();
    } else if (code == op::call_frame_cfa) {
        location.kind = Location::Kind::at_canonical_frame;
    } else if (code == op::addr) {
        location.kind = Location::Kind::at_address;
        location.address = reader.word(unit.encoding.address_size == 8);
    } else if (code == op::addrx || code == op::gnu_addr_index) {
        auto address = indexed_address(debug, unit, reader.uleb128());
        if (!address) return std::nullopt;
        location.kind = Location::Kind::at_address;
        location.address = *address;
    } else {
        return std::nullopt;
    }
    return reader.ok() ? std::optional(location) : std::nullopt;
}

std::optional<Location> plain(const Debug& debug, const Unit& unit, View expression) {
    Reader reader(expression, unit.encoding.order, "location");
    auto found = one_operation(reader, debug, unit);
    if (!found) return std::nullopt;
    Location& location = *found;
    // DW_OP_breg N 0, DW_OP_stack_value: the value is the register's.
    if (reader.ok() && reader.remaining() == 1 && location.kind == Location::Kind::at_register && location.offset == 0 &&
        reader.u8() == op::stack_value)
        location.kind = Location::Kind::in_register;
    return reader.ok() && reader.remaining() == 0 ? found : std::nullopt;
}

std::vector<LocationPiece> in_pieces(const Debug& debug, const Unit& unit, View expression) {
    std::vector<LocationPiece> pieces;
    Reader reader(expression, unit.encoding.order, "location");
    while (reader.ok() && reader.remaining() != 0 && pieces.size() < most_pieces) {
        LocationPiece piece;
        if (Reader ahead = reader; ahead.u8() != op::piece) {
            piece.place = one_operation(reader, debug, unit);
            if (!piece.place) return {{.place = plain(debug, unit, expression)}};
        }
        if (reader.remaining() != 0) {
            if (reader.u8() != op::piece) return {{.place = plain(debug, unit, expression)}};
            piece.size = reader.uleb128();
        }
        pieces.push_back(piece);
    }
    return pieces;
}

class LocationList {
public:
    LocationList(const Debug& debug, const Unit& unit, std::uint64_t address, std::uint64_t base)
        : debug_(debug), unit_(unit), address_(address), base_(base) {}

    // .debug_loc of versions 2 to 4.
    std::optional<View> find_old(std::uint64_t offset) {
        Reader reader(debug_.sections(unit_).at(SectionId::loc).from(offset), unit_.encoding.order, "location list");
        std::uint8_t size = unit_.encoding.address_size;
        std::uint64_t base_mark = size == 8 ? ~std::uint64_t{0} : 0xffffffff;
        for (int i = 0; i < most_entries && reader.ok(); ++i) {
            std::uint64_t low = reader.word(size == 8);
            std::uint64_t high = reader.word(size == 8);
            if (!reader.ok() || (low == 0 && high == 0)) break;
            if (low == base_mark) {
                base_ = high;
                continue;
            }
            View expression = reader.bytes(reader.u16());
            if (reader.ok() && holds(base_ + low, base_ + high)) return expression;
        }
        return std::nullopt;
    }

    // .debug_loclists, or with `gnu` what GNU's split units had before it in .debug_loc.dwo: fewer kinds, and lengths of a fixed size.
    std::optional<View> find_new(std::uint64_t offset, bool gnu) {
        View lists = debug_.sections(unit_).at(gnu ? SectionId::loc : SectionId::loclists);
        Reader reader(lists.from(offset), unit_.encoding.order, "location list");
        auto length = [&] { return gnu ? std::uint64_t{reader.u32()} : reader.uleb128(); };
        bool wide = unit_.encoding.address_size == 8;
        std::optional<View> otherwise;
        for (int i = 0; i < most_entries && reader.ok(); ++i) {
            std::uint64_t low = 0;
            std::uint64_t high = 0;
            bool is_default = false;
            std::uint8_t kind = reader.u8();
            if (gnu && kind > lle::offset_pair) return std::nullopt;
            switch (kind) {
                case lle::base_addressx: base_ = indexed(reader.uleb128()); continue;
                case lle::base_address: base_ = reader.word(wide); continue;
                case lle::startx_endx:
                    low = indexed(reader.uleb128());
                    high = indexed(reader.uleb128());
                    break;
                case lle::startx_length:
                    low = indexed(reader.uleb128());
                    high = low + length();
                    break;
                case lle::offset_pair:
                    low = base_ + length();
                    high = base_ + length();
                    break;
                case lle::default_location: is_default = true; break;
                case lle::start_end:
                    low = reader.word(wide);
                    high = reader.word(wide);
                    break;
                case lle::start_length:
                    low = reader.word(wide);
                    high = low + reader.uleb128();
                    break;
                default: return otherwise;   // the end of the list, or nothing that is known
            }
            View expression = reader.bytes(gnu ? reader.u16() : reader.uleb128());
            if (!reader.ok()) break;
            if (is_default) otherwise = expression;
            else if (holds(low, high)) return expression;
        }
        return otherwise;
    }

private:
    [[nodiscard]] bool holds(std::uint64_t low, std::uint64_t high) const { return address_ >= low && address_ < high; }
    std::uint64_t indexed(std::uint64_t index) { return indexed_address(debug_, unit_, index).value_or(~std::uint64_t{0}); }

    const Debug& debug_;
    const Unit& unit_;
    std::uint64_t address_;
    std::uint64_t base_;
};

std::optional<std::uint64_t> list_offset(const Debug& debug, const Unit& unit, const Attributes& attributes, Slot slot) {
    std::uint64_t value = attributes.number(slot);
    if (attributes.form_of(slot) != form::loclistx) return checked_add(value, unit.encoding.version < 5 ? unit.package.locations : 0);
    View lists = debug.sections(unit).at(SectionId::loclists);
    std::uint64_t width = unit.encoding.offset_size();
    auto entry = checked_mul(value, width);
    auto at = entry ? checked_add(unit.loclists_base, *entry) : std::nullopt;
    if (!at || !range_fits(*at, width, lists.size())) return std::nullopt;
    Reader reader(lists.from(*at), unit.encoding.order, "location list offset");
    return checked_add(unit.loclists_base, reader.word(unit.encoding.wide));
}

// The expression that holds at an address.
std::optional<View> expression_at(const Debug& debug, const Unit& unit, const Attributes& attributes, Slot slot, std::uint64_t address,
                                  std::uint64_t base) {
    if (!attributes.has(slot)) return std::nullopt;
    switch (attributes.form_of(slot)) {
        case form::exprloc:
        case form::block:
        case form::block1:
        case form::block2:
        case form::block4: {
            View section = debug.sections(unit).at(unit.section);
            return section.clamped(attributes.number(slot), attributes.length_of(slot));
        }
        case form::data4:
        case form::data8:
            if (unit.encoding.version >= 4) return std::nullopt;
            break;
        case form::sec_offset:
        case form::loclistx: break;
        default: return std::nullopt;
    }
    auto offset = list_offset(debug, unit, attributes, slot);
    if (!offset) return std::nullopt;
    LocationList list(debug, unit, address, base);
    bool split = unit.skeleton != nullptr;
    return unit.encoding.version >= 5 || split ? list.find_new(*offset, unit.encoding.version < 5) : list.find_old(*offset);
}

}  // namespace

std::optional<Location> location_at(const Debug& debug, const Unit& unit, const Attributes& attributes, Slot slot, std::uint64_t address) {
    if (!attributes.has(slot)) return std::nullopt;
    auto expression = expression_at(debug, unit, attributes, slot, address, base_address(debug, unit));
    return expression ? plain(debug, unit, *expression) : std::nullopt;
}

std::vector<LocationPiece> pieces_at(const Debug& debug, const Unit& unit, const Attributes& attributes, Slot slot, std::uint64_t address,
                                     std::uint64_t base) {
    auto expression = expression_at(debug, unit, attributes, slot, address, base);
    return expression ? in_pieces(debug, unit, *expression) : std::vector<LocationPiece>();
}

}  // namespace abiscope::dwarf
