#include "loader/glibc_damaged_tables.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "base/checked.h"
#include "bytes/reader.h"
#include "elf/relocations.h"
#include "elf/spec.h"
#include "loader/glibc_machine.h"

namespace abiscope::loader {

namespace {

using elf::RelocationRole;
using Damage = std::optional<std::string_view>;

// gABI chapter 5, "Dynamic Array Tags".
constexpr std::uint64_t dt_fini_array = 26, dt_fini_arraysz = 28, dt_preinit_array = 32, dt_preinit_arraysz = 33;

struct TagPair {
    std::uint64_t one, other;
    std::string_view unknown;
};
constexpr std::array<TagPair, 9> pairs{{
    {elf::dt_jmprel, elf::dt_pltrelsz, "which relocations of functions there are: DT_JMPREL and DT_PLTRELSZ are not there together"},
    {elf::dt_jmprel, elf::dt_pltrel, "which relocations of functions there are: DT_JMPREL and DT_PLTREL are not there together"},
    {elf::dt_rela, elf::dt_relasz, "which relocations there are: DT_RELA and DT_RELASZ are not there together"},
    {elf::dt_rel, elf::dt_relsz, "which relocations there are: DT_REL and DT_RELSZ are not there together"},
    {elf::dt_relr, elf::dt_relrsz, "which relocations there are: DT_RELR and DT_RELRSZ are not there together"},
    {elf::dt_relr, elf::dt_relrent, "which relocations there are: DT_RELR and DT_RELRENT are not there together"},
    {elf::dt_init_array, elf::dt_init_arraysz, "what runs at start: DT_INIT_ARRAY and DT_INIT_ARRAYSZ are not there together"},
    {dt_fini_array, dt_fini_arraysz, "what runs at the end: DT_FINI_ARRAY and DT_FINI_ARRAYSZ are not there together"},
    {dt_preinit_array, dt_preinit_arraysz, "what runs at start: DT_PREINIT_ARRAY and DT_PREINIT_ARRAYSZ are not there together"},
}};

bool is_x86(const elf::Image& image) { return image.header().machine == elf::em_x86_64 || image.header().machine == elf::em_386; }

bool holds_code(const elf::Image& image, std::uint64_t address) {
    const elf::Segment* load = image.load_segment_at(address);
    return load != nullptr && load->executable() && !image.view_at(address).empty();
}

bool can_be_written(const elf::Image& image, std::uint64_t address) {
    const elf::Segment* load = image.load_segment_at(address);
    return load != nullptr && load->writable();
}

Damage damaged_symbol_table(const Module& module, const elf::SymbolTable::Survey& survey) {
    const elf::Image& image = *module.image();
    const elf::SymbolTable& symbols = module.exports().symbols();
    const elf::Versions& versions = module.versions();
    auto address = image.dynamic()->value(elf::dt_symtab);
    if (!address) return std::nullopt;
    View first = image.view_at(*address, symbols.record_size());
    if (first.size() != symbols.record_size() || !std::ranges::all_of(first.bytes(), [](std::byte b) { return b == std::byte{0}; }))
        return "which symbols there are: DT_SYMTAB is not where a symbol table starts";

    std::uint16_t highest = elf::ver_ndx_global;
    auto count = [&](std::uint16_t index) { highest = std::max<std::uint16_t>(highest, index & elf::versym_index); };
    for (const elf::VersionNeed& need : versions.needs) {
        for (const elf::NeededVersion& version : need.versions) count(version.index);
    }
    for (const elf::DefinedVersion& version : versions.definitions) count(version.index);
    // elf/do-rel.h, elf_dynamic_do_Rel() takes each symbol's version from a table that is only made for records.
    if (versions.has_versym && versions.needs.empty() && versions.definitions.empty() && !module.relocations().empty())
        return "what glibc's loader does with DT_VERSYM and neither DT_VERNEED nor DT_VERDEF";
    if (versions.has_versym && versions.symbol_versions.size() / 2 < symbols.size())
        return "which version a symbol has: DT_VERSYM is not where the file has a version for each of them";
    if (!survey.names_fit) return "which symbol is meant: the name of one lies outside the string table";
    if (versions.highest_index(symbols.size()) > highest)
        return "which version a symbol has: DT_VERSYM names one that neither DT_VERNEED nor DT_VERDEF has";
    if ((survey.defined_types >> elf::stt_tls & 1) != 0 && image.segment(elf::pt_tls) == nullptr)
        return "where a thread-local symbol lies: there is no PT_TLS";
    return std::nullopt;
}

Damage damaged_gnu_hash(const Module& module, std::uint64_t address, const elf::SymbolTable::Survey& survey) {
    const elf::Image& image = *module.image();
    Reader reader(image.view_at(address), image.encoding().order, "DT_GNU_HASH");
    std::uint32_t buckets = reader.u32(), first_symbol = reader.u32(), words = reader.u32(), shift = reader.u32();
    constexpr std::string_view nowhere = "what the loader finds in DT_GNU_HASH: it does not lead to the symbols of the file";
    constexpr unsigned hash_bits = 32;
    if (shift >= hash_bits) return "what the loader finds in DT_GNU_HASH: it would shift a hash of 32 bits further than that";
    reader.skip(std::uint64_t{words} * (image.encoding().wide ? 8 : 4));
    bool empty = true;
    for (std::uint32_t i = 0; i < buckets && reader.ok(); ++i) {
        std::uint32_t symbol = reader.u32();
        if (symbol == 0) continue;
        empty = false;
        if (symbol < first_symbol) return nowhere;
    }
    if (!reader.ok() || (!empty && !elf::symbol_count_by_hash(image))) return nowhere;
    if (buckets == 0 && survey.defined_types != 0) return "which symbols the loader finds: DT_GNU_HASH has none";
    return std::nullopt;
}

Damage damaged_sysv_hash(const Module& module, std::uint64_t address) {
    const elf::Image& image = *module.image();
    Reader reader(image.view_at(address), image.encoding().order, "DT_HASH");
    std::uint64_t buckets = reader.u32(), symbols = reader.u32();
    if (!reader.ok() || buckets + symbols > reader.remaining() / 4) return "what the loader finds in DT_HASH: it leaves the file";
    for (std::uint64_t i = 0; i < buckets + symbols; ++i) {
        if (reader.u32() >= symbols) return "what the loader finds in DT_HASH: it leads to more symbols than it says there are";
    }
    return std::nullopt;
}

Damage damaged_hash(const Module& module, const elf::SymbolTable::Survey& survey) {
    const elf::Dynamic& dynamic = *module.image()->dynamic();
    if (auto address = dynamic.value(elf::dt_gnu_hash)) return damaged_gnu_hash(module, *address, survey);
    if (auto address = dynamic.value(elf::dt_hash)) return damaged_sysv_hash(module, *address);
    if (module.image()->interpreter() && survey.defined_types != 0)
        return "which symbols of the program its libraries find: it has neither DT_GNU_HASH nor DT_HASH";
    return std::nullopt;
}

// Whether the bytes at an address are a relocation of this file.
bool is_relocation(const Module& module, const elf::RelocationRange& like, std::uint64_t address) {
    const elf::Image& image = *module.image();
    elf::RelocationRange one = like;
    one.records = image.view_at(address, like.record_size);
    if (one.size() != 1) return false;
    elf::Relocation relocation = elf::relocation_at(image, one, 0);
    RelocationRole role = elf::role_of(image.header().machine, relocation.type);
    if (role == RelocationRole::none || role == RelocationRole::unknown) return false;
    bool named = role != RelocationRole::relative && role != RelocationRole::irelative;
    bool symbol_fits = named ? relocation.symbol != 0 && relocation.symbol < module.exports().symbols().size() : relocation.symbol == 0;
    return symbol_fits && can_be_written(image, relocation.offset);
}

Damage damaged_relocations(const Module& module) {
    const elf::Image& image = *module.image();
    const elf::Dynamic& dynamic = *image.dynamic();
    struct Tags {
        std::uint64_t table, size;
    };
    auto tags_of = [](elf::RelocationTable table) -> Tags {
        if (table == elf::RelocationTable::rela) return {elf::dt_rela, elf::dt_relasz};
        if (table == elf::RelocationTable::rel) return {elf::dt_rel, elf::dt_relsz};
        return {elf::dt_jmprel, elf::dt_pltrelsz};
    };
    elf::RelocationRange usual;
    usual.with_addend = image.encoding().wide;
    usual.record_size = usual.with_addend ? 24 : 8;
    for (elf::RelocationTable table : {elf::RelocationTable::rela, elf::RelocationTable::rel, elf::RelocationTable::jmprel}) {
        auto address = dynamic.value(tags_of(table).table);
        if (address && dynamic.value(tags_of(table).size) == 0 && is_relocation(module, usual, *address))
            return "which relocations there are: a table has a place and no size";
    }
    for (const elf::RelocationRange& range : module.relocations()) {
        if (!range.whole) continue;     // told of when they are applied
        auto is_zero = [](std::byte byte) { return byte == std::byte{0}; };
        if (range.size() != 0 && std::ranges::all_of(range.records.clamped(0, range.record_size).bytes(), is_zero))
            return "which relocations there are: a table starts with zeros";
        std::uint64_t size = dynamic.value(tags_of(range.table).size).value_or(0);
        std::uint64_t end = dynamic.value(tags_of(range.table).table).value_or(0) + size;
        if (size % range.record_size != 0) return "which relocations there are: the size of a table is not that of whole ones";
        bool next_is_known = std::ranges::find(dynamic.entries, end, &elf::DynamicEntry::value) != dynamic.entries.end();
        if (!next_is_known && is_relocation(module, range, end))
            return "whether the program works without the relocations that follow behind the end of a table";
    }
    std::uint64_t word = image.encoding().wide ? 8 : 4;
    if (auto table = dynamic.value(elf::dt_relr), size = dynamic.value(elf::dt_relrsz); table && size && *size != 0) {
        View words = image.view_at(*table, *size);
        Reader reader(words, image.encoding().order, "DT_RELR");
        bool sound = words.size() == *size && *size % word == 0;
        for (bool first = true; sound && reader.remaining() >= word; first = false) {
            std::uint64_t entry = reader.word(image.encoding().wide);
            sound = (entry & 1) != 0 ? !first : can_be_written(image, entry);
        }
        if (!sound) return "what is relocated: DT_RELR leads to places that cannot be written, or leaves the file";
    }
    return std::nullopt;
}

// sysdeps/x86_64/dl-machine.h, elf_machine_runtime_setup(): two words behind DT_PLTGOT are for the loader, the functions' follow.
Damage damaged_got(const Module& module) {
    const elf::Image& image = *module.image();
    const elf::Dynamic& dynamic = *image.dynamic();
    bool now = (dynamic.flags() & elf::df_bind_now) != 0 || (dynamic.flags_1() & elf::df_1_now) != 0;
    const elf::Segment* section = image.segment(elf::pt_dynamic);
    if (now || !is_x86(image) || !dynamic.has(elf::dt_jmprel) || section == nullptr) return std::nullopt;
    bool wide = image.encoding().wide;
    std::uint64_t word = wide ? 8 : 4;
    for (const elf::RelocationRange& range : module.relocations()) {
        if (range.table != elf::RelocationTable::jmprel || range.size() == 0) continue;
        if (elf::role_of(image.header().machine, elf::relocation_at(image, range, 0).type) != RelocationRole::jump_slot) return std::nullopt;
        auto got = dynamic.value(elf::dt_pltgot);
        if (!got) return "where functions are bound when they are first called: there is no DT_PLTGOT";
        Reader reader(image.view_at(*got), image.encoding().order, "DT_PLTGOT");
        std::uint64_t slot = elf::relocation_at(image, range, 0).offset;
        // Tools that move the dynamic section leave the first word as it was; of a captured file (target/skeleton.h) it is not kept.
        std::uint64_t first = reader.word(wide);
        bool starts_there = first == section->vaddr || first == 0 || slot == *got + 3 * word;
        if (!starts_there || !can_be_written(image, *got))
            return "where functions are bound when they are first called: DT_PLTGOT is not where the linker's table is";
        const elf::Segment* relro = image.segment(elf::pt_gnu_relro);
        constexpr std::uint64_t page = 0x1000;
        if (relro != nullptr && slot >= align_down(relro->vaddr, page) && slot < align_down(relro->vaddr + relro->memsz, page))
            return "which functions are called: those bound late lie in PT_GNU_RELRO, where nothing can be written any more";
    }
    return std::nullopt;
}

// What runs before and behind main() lies in code.
class Functions {
public:
    explicit Functions(const Module& module) : image_(*module.image()), dynamic_(*image_.dynamic()), relocations_(module.relocations()) {}

    Damage damaged() const {
        for (std::uint64_t tag : {elf::dt_init, elf::dt_fini}) {
            auto address = dynamic_.value(tag);
            if (address && !holds_code(image_, *address)) return "what runs at start and at the end: DT_INIT or DT_FINI is not in code";
        }
        for (auto [tag, size_tag] : {std::pair{elf::dt_init_array, elf::dt_init_arraysz}, std::pair{dt_fini_array, dt_fini_arraysz},
                                     std::pair{dt_preinit_array, dt_preinit_arraysz}}) {
            auto address = dynamic_.value(tag), size = dynamic_.value(size_tag);
            if (address && size && *size != 0 && !lead_to_code(*address, *size))
                return "what runs at start and at the end: entries of DT_INIT_ARRAY or DT_FINI_ARRAY are not in code";
        }
        return std::nullopt;
    }

private:
    bool lead_to_code(std::uint64_t address, std::uint64_t size) const {
        std::uint64_t width = image_.encoding().wide ? 8 : 4;
        View words = image_.view_at(address, size);
        if (words.size() != size || size % width != 0 || address % width != 0) return false;
        // Linkers relocate these tables first: few relocations are looked at until none of their places is open.
        std::vector<bool> filled(size / width);
        std::size_t open = image_.header().type == elf::et_exec ? 0 : filled.size();
        auto fills = [&](std::uint64_t place) {
            if (!range_contains(address, size, place)) return false;
            std::size_t at = (place - address) / width;
            if (!filled[at]) --open;
            filled[at] = true;
            return true;
        };
        for (const elf::RelocationRange& range : relocations_) {
            for (std::uint64_t i = 0; open != 0 && i < range.size(); ++i) {
                elf::Relocation relocation = elf::relocation_at(image_, range, i);
                if (!fills(relocation.offset) || !range.with_addend) continue;
                bool relative = elf::role_of(image_.header().machine, relocation.type) == RelocationRole::relative;
                if (relative && !may_be_code(static_cast<std::uint64_t>(relocation.addend))) return false;
            }
        }
        if (open != 0 && !relr_leads_to_code([&](std::uint64_t place) { return fills(place); }, [&] { return open != 0; })) return false;
        if (open != 0) return false;
        Reader reader(words, image_.encoding().order, "functions");
        for (std::uint64_t i = 0; i < size && image_.header().type == elf::et_exec; i += width) {
            if (!may_be_code(reader.word(image_.encoding().wide))) return false;
        }
        return true;
    }

    // DT_RELR adds to what lies at each place.
    bool relr_leads_to_code(const std::function<bool(std::uint64_t)>& fills, const std::function<bool()>& goes_on) const {
        bool wide = image_.encoding().wide, sound = true, zero = false;
        auto word_at = [&](std::uint64_t place) {
            return Reader(image_.view_at(place, wide ? 8 : 4), image_.encoding().order, "DT_RELR").word(wide);
        };
        elf::visit_relr(image_, [&](std::uint64_t place) {
            if (!fills(place)) return true;
            std::uint64_t word = word_at(place);
            zero = zero || word == 0;
            sound = may_be_code(word);
            return sound && goes_on();
        });
        if (!zero || !sound) return sound;
        elf::visit_relr(image_, [&](std::uint64_t place) { return sound = word_at(place) == 0; });
        return sound;
    }

    // What fills the tables is not kept of a captured file (target/skeleton.h): all of it is zero then.
    bool may_be_code(std::uint64_t address) const { return address == 0 || holds_code(image_, address); }

    const elf::Image& image_;
    const elf::Dynamic& dynamic_;
    const std::vector<elf::RelocationRange>& relocations_;
};

// elf/dl-version.c goes by vna_next alone and never looks at vn_cnt, which is what has been read here.
bool chains_end_as_counted(const Module& module) {
    const elf::Image& image = *module.image();
    constexpr std::uint64_t record_size = 16;
    auto reader_at = [&](std::uint64_t record, std::uint64_t field) {
        return Reader(image.bytes().from(record - image.bytes().file_offset() + field), image.encoding().order, "version need");
    };
    return std::ranges::all_of(module.versions().needs, [&](const elf::VersionNeed& need) {
        constexpr std::uint64_t vn_cnt = 2, vna_next = 12;
        if (need.versions.empty() || reader_at(need.record_offset, vn_cnt).u16() != need.versions.size()) return false;
        for (std::size_t i = 1; i < need.versions.size(); ++i) {
            if (need.versions[i].record_offset - need.versions[i - 1].record_offset < record_size) return false;
        }
        return reader_at(need.versions.back().record_offset, vna_next).u32() == 0;
    });
}

// The tables of others are laid out by rules of their own: MIPS's global offset table, function descriptors, hashes of 64 bits.
bool is_known_machine(const elf::Image& image) { return exactly_known(image.header().machine); }

}  // namespace

Damage damaged_names(const Module& module) {
    const elf::Dynamic& dynamic = *module.image()->dynamic();
    auto claimed = dynamic.value(elf::dt_strsz);
    if (!dynamic.has(elf::dt_strtab) || !claimed) return std::nullopt;
    std::string_view text = dynamic.strings.as_text();
    if (text.size() != *claimed || text.empty() || text.front() != '\0' || text.back() != '\0')
        return "which names the dynamic section means: DT_STRTAB and DT_STRSZ are not where a string table starts and ends";
    const elf::Versions& versions = module.versions();
    bool named = std::ranges::all_of(versions.needs, [](const elf::VersionNeed& need) {
        return !need.library.empty() && std::ranges::none_of(need.versions, &std::string_view::empty, &elf::NeededVersion::name);
    });
    if (!versions.whole || !named) return "which versions are meant: the records of DT_VERNEED or DT_VERDEF or their names leave the file";
    if (!chains_end_as_counted(module)) return "which versions are meant: a chain of DT_VERNEED does not end where its count says";
    return std::nullopt;
}

Damage damaged_symbols(const Module& module, const elf::SymbolTable::Survey& survey) {
    if (auto damage = damaged_symbol_table(module, survey)) return damage;
    return is_known_machine(*module.image()) ? damaged_hash(module, survey) : std::nullopt;
}

Damage damaged_start(const Module& module) {
    const elf::Image& image = *module.image();
    if (!is_known_machine(image)) return std::nullopt;
    for (const TagPair& pair : pairs) {
        if (image.dynamic()->has(pair.one) != image.dynamic()->has(pair.other)) return pair.unknown;
    }
    if (auto damage = damaged_relocations(module)) return damage;
    if (auto damage = damaged_got(module)) return damage;
    return Functions(module).damaged();
}

}  // namespace abiscope::loader
