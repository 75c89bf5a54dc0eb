#include "dwarf/abbreviations.h"

#include <array>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "bytes/reader.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

constexpr std::uint16_t most_skip = std::numeric_limits<std::uint16_t>::max() - 16;

Storage fixed(unsigned width) {
    switch (width) {
        case 1: return {Op::fixed1, 1};
        case 2: return {Op::fixed2, 2};
        case 3: return {Op::fixed3, 3};
        case 4: return {Op::fixed4, 4};
        case 8: return {Op::fixed8, 8};
        case 16: return {Op::fixed16, 16};
        default: return {};
    }
}

}  // namespace

Storage storage_of(std::uint64_t form, const Encoding& encoding) {
    switch (form) {
        case form::addr: return fixed(encoding.address_size);
        // Version 2 gave DW_FORM_ref_addr the size of an address.
        case form::ref_addr: return fixed(encoding.version == 2 ? encoding.address_size : encoding.offset_size());
        case form::data1:
        case form::flag:
        case form::ref1:
        case form::strx1:
        case form::addrx1: return fixed(1);
        case form::data2:
        case form::ref2:
        case form::strx2:
        case form::addrx2: return fixed(2);
        case form::strx3:
        case form::addrx3: return fixed(3);
        case form::data4:
        case form::ref4:
        case form::ref_sup4:
        case form::strx4:
        case form::addrx4: return fixed(4);
        case form::data8:
        case form::ref8:
        case form::ref_sup8:
        case form::ref_sig8: return fixed(8);
        case form::data16: return fixed(16);
        case form::strp:
        case form::line_strp:
        case form::strp_sup:
        case form::sec_offset:
        case form::gnu_ref_alt:
        case form::gnu_strp_alt: return fixed(encoding.offset_size());
        case form::udata:
        case form::ref_udata:
        case form::strx:
        case form::addrx:
        case form::loclistx:
        case form::rnglistx:
        case form::gnu_addr_index:
        case form::gnu_str_index: return {Op::uleb, 1};
        case form::sdata: return {Op::sleb, 1};
        case form::string: return {Op::text, 1};
        case form::block1: return {Op::block1, 1};
        case form::block2: return {Op::block2, 2};
        case form::block4: return {Op::block4, 4};
        case form::block:
        case form::exprloc: return {Op::block, 1};
        case form::flag_present:
        case form::implicit_const: return {Op::constant, 0};
        case form::indirect: return {Op::indirect, 1};
        default: return {};
    }
}

class AbbreviationCompiler {
public:
    AbbreviationCompiler(View section, std::uint64_t offset, const Encoding& encoding, SlotMask (*wanted)(std::uint16_t))
        : reader_(section.from(offset), encoding.order, "abbreviation table"), encoding_(encoding), wanted_(wanted) {
        table_.constants_ = {0, 1};
        for (std::size_t form = 0; form < storages_.size(); ++form) storages_[form] = storage_of(form, encoding);
    }

    Result<AbbreviationTable> run(std::uint64_t last) {
        while (std::uint64_t code = reader_.uleb128()) {
            ABISCOPE_CHECK(declaration(code));
            if (code == last) break;
        }
        if (!reader_.ok()) return fail(reader_.error());
        return std::move(table_);
    }

private:
    Result<void> declaration(std::uint64_t code) {
        std::uint64_t tag = reader_.uleb128();
        Abbreviation abbreviation{.tag = static_cast<std::uint16_t>(tag <= 0xffff ? tag : 0xffff),
                                  .children = reader_.u8() != 0,
                                  .roles = 0,
                                  .program = static_cast<std::uint32_t>(table_.steps_.size())};
        abbreviation.roles = roles_of(abbreviation.tag);
        SlotMask wanted = wanted_(abbreviation.tag);
        skip_ = 0;
        for (;;) {
            std::uint64_t attribute = reader_.uleb128();
            std::uint64_t form = reader_.uleb128();
            std::int64_t constant = form == form::implicit_const ? reader_.sleb128() : 1;
            if (!reader_.ok()) return fail(reader_.error());
            if (attribute == 0 && form == 0) break;
            Storage storage = form < storages_.size() ? storages_[form] : storage_of(form, encoding_);
            if (storage.op == Op::end) return fail(reader_.bad_value("form", "a DW_FORM of DWARF 2 to 5", fmt::format("{:#x}", form)));
            Slot slot = slot_of(attribute);
            if ((wanted & mask_of(slot)) == 0) slot = Slot::ignored;
            step(slot, form, storage, constant);
        }
        table_.steps_.push_back({.skip = skip_, .op = Op::end});
        if (abbreviation.tag == 0) return {};
        if (code == table_.dense_.size() + 1) {
            table_.dense_.push_back(abbreviation);
        } else if (code > table_.dense_.size()) {
            table_.sparse_.try_emplace(code, abbreviation);
        }
        return {};
    }

    void step(Slot slot, std::uint64_t form, Storage storage, std::int64_t constant) {
        if (slot == Slot::ignored) {
            if (storage.op == Op::constant) return;
            if (is_fixed(storage.op)) {
                if (skip_ > most_skip) {
                    table_.steps_.push_back({.skip = skip_, .op = Op::constant, .slot = Slot::ignored});
                    skip_ = 0;
                }
                skip_ = static_cast<std::uint16_t>(skip_ + storage.width);
                return;
            }
        }
        Step made{.constant = 0,
                  .skip = std::exchange(skip_, std::uint16_t{0}),
                  .op = storage.op,
                  .slot = slot,
                  .form = form_code(form),
                  .width = storage.width};
        if (storage.op == Op::constant) made.constant = constant_index(constant);
        table_.steps_.push_back(made);
    }

    static bool is_fixed(Op op) { return op >= Op::fixed1 && op <= Op::fixed16; }

    std::uint32_t constant_index(std::int64_t value) {
        if (value == 0 || value == 1) return static_cast<std::uint32_t>(value);
        if (table_.constants_.back() != value) table_.constants_.push_back(value);
        return static_cast<std::uint32_t>(table_.constants_.size() - 1);
    }

    static constexpr std::size_t standard_forms = 0x2d;   // one behind the last of version 5

    Reader reader_;
    Encoding encoding_;
    std::array<Storage, standard_forms> storages_;
    SlotMask (*wanted_)(std::uint16_t);
    AbbreviationTable table_;
    std::uint16_t skip_ = 0;
};

Result<AbbreviationTable> AbbreviationTable::compile(View section, std::uint64_t offset, const Encoding& encoding,
                                                     SlotMask (*wanted)(std::uint16_t tag), std::uint64_t last) {
    if (offset >= section.size()) {
        return fail(Error{.code = ErrorCode::truncated,
                          .what = "abbreviation table lies outside .debug_abbrev",
                          .file = {},
                          .offset = section.file_offset(),
                          .wanted = fmt::format("offset {:#x}", offset),
                          .had = fmt::format("{:#x} bytes", section.size())});
    }
    return AbbreviationCompiler(section, offset, encoding, wanted).run(last);
}

}  // namespace abiscope::dwarf
