#include "dwarf/code_ranges.h"

#include "base/checked.h"
#include "bytes/reader.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

constexpr std::size_t most_ranges = 1 << 20;   // of one entry

std::uint64_t address(Reader& reader, std::uint8_t size) { return size == 8 ? reader.u64() : size == 4 ? reader.u32() : reader.u16(); }

// The largest address of that size: in .debug_ranges it says that a base follows, elsewhere that a linker removed the code.
std::uint64_t largest(std::uint8_t size) { return size == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << size * 8) - 1; }

class RangeList {
public:
    RangeList(const Debug& debug, const Unit& unit, std::uint64_t base, std::vector<CodeRange>& out)
        : debug_(debug), unit_(unit), base_(base), out_(out) {}

    void read_old(std::uint64_t offset) {
        Reader reader(debug_.address_sections(unit_).at(SectionId::ranges).from(offset), unit_.encoding.order, "range list");
        std::uint8_t size = unit_.encoding.address_size;
        while (reader.ok() && out_.size() < most_ranges) {
            std::uint64_t low = address(reader, size);
            std::uint64_t high = address(reader, size);
            if (!reader.ok() || (low == 0 && high == 0)) return;
            if (low == largest(size)) base_ = high;
            else add(base_ + low, base_ + high);
        }
    }

    void read_new(std::uint64_t offset) {
        Reader reader(debug_.sections(unit_).at(SectionId::rnglists).from(offset), unit_.encoding.order, "range list");
        std::uint8_t size = unit_.encoding.address_size;
        while (reader.ok() && out_.size() < most_ranges) {
            std::uint64_t low = 0;
            std::uint64_t high = 0;
            switch (reader.u8()) {
                case rle::base_addressx: base_ = indexed(reader.uleb128()); continue;
                case rle::startx_endx:
                    low = indexed(reader.uleb128());
                    high = indexed(reader.uleb128());
                    break;
                case rle::startx_length:
                    low = indexed(reader.uleb128());
                    high = low + reader.uleb128();
                    break;
                case rle::offset_pair:
                    low = base_ + reader.uleb128();
                    high = base_ + reader.uleb128();
                    break;
                case rle::base_address: base_ = address(reader, size); continue;
                case rle::start_end:
                    low = address(reader, size);
                    high = address(reader, size);
                    break;
                case rle::start_length:
                    low = address(reader, size);
                    high = low + reader.uleb128();
                    break;
                default: return;   // the end of the list, or nothing that is known
            }
            if (reader.ok()) add(low, high);
        }
    }

private:
    std::uint64_t indexed(std::uint64_t index) { return indexed_address(debug_, unit_, index).value_or(largest(8)); }
    void add(std::uint64_t low, std::uint64_t high) {
        if (low < high) out_.push_back({low, high});
    }

    const Debug& debug_;
    const Unit& unit_;
    std::uint64_t base_;
    std::vector<CodeRange>& out_;
};

// Where a list starts: DW_FORM_rnglistx goes through the table in front of the lists.
std::optional<std::uint64_t> list_offset(const Debug& debug, const Unit& unit, const Attributes& attributes) {
    std::uint64_t value = attributes.number(Slot::ranges);
    if (attributes.form_of(Slot::ranges) != form::rnglistx) {
        return unit.encoding.version < 5 && unit.skeleton != nullptr ? checked_add(value, unit.ranges_base) : std::optional(value);
    }
    View lists = debug.sections(unit).at(SectionId::rnglists);
    std::uint64_t width = unit.encoding.offset_size();
    auto entry = checked_mul(value, width);
    auto at = entry ? checked_add(unit.rnglists_base, *entry) : std::nullopt;
    if (!at || !range_fits(*at, width, lists.size())) return std::nullopt;
    Reader reader(lists.from(*at), unit.encoding.order, "range list offset");
    return checked_add(unit.rnglists_base, reader.word(unit.encoding.wide));
}

}  // namespace

std::optional<std::uint64_t> indexed_address(const Debug& debug, const Unit& unit, std::uint64_t index) {
    View addresses = debug.address_sections(unit).at(SectionId::addr);
    std::uint8_t size = unit.encoding.address_size;
    auto entry = checked_mul(index, std::uint64_t{size});
    auto at = entry ? checked_add(unit.addr_base, *entry) : std::nullopt;
    if (!at || !range_fits(*at, size, addresses.size())) return std::nullopt;
    Reader reader(addresses.from(*at), unit.encoding.order, "address");
    return address(reader, size);
}

std::optional<std::uint64_t> address_of(const Debug& debug, const Unit& unit, const Attributes& attributes, Slot slot) {
    if (!attributes.has(slot)) return std::nullopt;
    switch (attributes.form_of(slot)) {
        case form::addr: return attributes.number(slot);
        case form::addrx:
        case form::addrx1:
        case form::addrx2:
        case form::addrx3:
        case form::addrx4:
        case form_code(form::gnu_addr_index): return indexed_address(debug, unit, attributes.number(slot));
        default: return std::nullopt;
    }
}

std::uint64_t base_address(const Debug& debug, const Unit& unit) {
    const Unit& owner = unit.skeleton != nullptr ? *unit.skeleton : unit;
    return address_of(debug, owner, debug.code_of(owner), Slot::low_pc).value_or(0);
}

void read_code_ranges(const Debug& debug, const Unit& unit, const Attributes& attributes, std::uint64_t base, std::vector<CodeRange>& out) {
    if (attributes.has(Slot::ranges)) {
        auto offset = list_offset(debug, unit, attributes);
        if (!offset) return;
        RangeList list(debug, unit, base, out);
        if (unit.encoding.version >= 5) list.read_new(*offset);
        else list.read_old(*offset);
        return;
    }
    auto low = address_of(debug, unit, attributes, Slot::low_pc);
    if (!low || !attributes.has(Slot::high_pc)) return;
    // DW_AT_high_pc is an address up to version 3, and may be a size from version 4 on.
    auto end = address_of(debug, unit, attributes, Slot::high_pc);
    std::uint64_t high = end ? *end : *low + attributes.number(Slot::high_pc);
    if (*low < high) out.push_back({*low, high});
}

}  // namespace abiscope::dwarf
