#include "loader/glibc_facts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/checked.h"
#include "bytes/endian.h"
#include "elf/spec.h"
#include "loader/glibc_damaged_tables.h"
#include "loader/glibc_machine.h"

namespace abiscope::loader {

namespace {

using elf::RelocationRole;

// Known to the psABI and refused by glibc's loader (sysdeps/x86_64/dl-machine.h).
constexpr std::array<std::uint32_t, 1> x86_64_refused{24};   // R_X86_64_PC64
constexpr unsigned narrow_way = 12;      // a bit of its own for the relocations that may overflow

LookupClass class_of(RelocationRole role) {
    switch (role) {
        case RelocationRole::copy: return LookupClass::copy;
        case RelocationRole::jump_slot:
        case RelocationRole::tls_module:
        case RelocationRole::tls_offset:
        case RelocationRole::tls_tpoff:
        case RelocationRole::tls_descriptor: return LookupClass::plt;
        default: return LookupClass::data;
    }
}

// Memory that relocation may write: writable segments, all of them with DT_TEXTREL. Whole pages.
class WritablePlaces {
public:
    WritablePlaces(const elf::Image& image, std::uint64_t page) {
        bool all = (image.dynamic()->flags() & elf::df_textrel) != 0;
        for (const elf::Segment& segment : image.segments()) {
            if (segment.type != elf::pt_load || !(all || segment.writable())) continue;
            std::uint64_t start = align_down(segment.vaddr, page);
            ranges_.push_back({start, align_up(segment.vaddr + segment.memsz, page) - start});
        }
    }
    bool hold(std::uint64_t address) {
        if (range_contains(last_.start, last_.size, address)) return true;
        auto found = std::ranges::find_if(ranges_, [&](Range range) { return range_contains(range.start, range.size, address); });
        if (found == ranges_.end()) return false;
        last_ = *found;
        return true;
    }

private:
    struct Range {
        std::uint64_t start = 0, size = 0;
    };
    std::vector<Range> ranges_;
    Range last_;
};

// How many relocations a table starts with that only add the load address, to places that may be written: most of most tables, and
// nothing to look up.
std::uint64_t leading_relative(const elf::Image& image, const elf::RelocationRange& range, WritablePlaces& writable) {
    std::uint16_t machine = image.header().machine;
    if (!image.encoding().wide || machine == elf::em_mips) return 0;
    Endian order = image.encoding().order;
    std::uint32_t first_type = elf::relocation_at(image, range, 0).type;
    if (elf::role_of(machine, first_type) != RelocationRole::relative) return 0;
    const std::byte* at = range.records.data();
    std::uint64_t count = 0;
    for (; count < range.size(); ++count, at += range.record_size) {
        if (static_cast<std::uint32_t>(load<std::uint64_t>(at + 8, order)) != first_type) break;
        if (!writable.hold(load<std::uint64_t>(at, order))) break;
    }
    return count;
}

}  // namespace

GlibcFacts::GlibcFacts(const Module& module, const VerifyRules& rules) : exports_(&module.exports()), version_table_(&module.versions()) {
    const elf::Image* image = module.image();
    if (image == nullptr || !image->dynamic()) return;
    const elf::Dynamic& dynamic = *image->dynamic();
    bind_now = (dynamic.flags() & elf::df_bind_now) != 0 || (dynamic.flags_1() & elf::df_1_now) != 0;
    symbolic = (dynamic.flags() & elf::df_symbolic) != 0;
    has_relr = dynamic.has(elf::dt_relr);
    has_android_relocations = dynamic.has(elf::dt_android_rel) || dynamic.has(elf::dt_android_rela);
    undefined_stubs = image->header().machine == elf::em_mips;
    for (const elf::Segment& segment : image->segments()) has_tls |= segment.type == elf::pt_tls && segment.memsz != 0;
    elf::SymbolTable::Survey survey = exports_->symbols().survey();
    has_ifunc = (survey.types >> elf::stt_gnu_ifunc & 1) != 0;
    symbol_damage = damaged_symbols(module, survey);
    start_damage = damaged_start(module);
    read_versions();
    if (elf::role_of(image->header().machine, 0) == RelocationRole::unknown) add_imports(module);
    else read_relocations(module, rules);
}

void GlibcFacts::read_versions() {
    const elf::Versions& read = *version_table_;
    std::uint16_t highest = 0;
    auto index = [](std::uint16_t stored) { return static_cast<std::uint16_t>(stored & elf::versym_index); };
    for (const elf::VersionNeed& need : read.needs) {
        for (const elf::NeededVersion& version : need.versions) highest = std::max(highest, index(version.index));
    }
    for (const elf::DefinedVersion& version : read.definitions) highest = std::max(highest, index(version.index));
    if (highest == 0) return;
    versions.resize(highest + std::size_t{1});
    has_version_table = read.has_versym;
    for (const elf::VersionNeed& need : read.needs) {
        for (const elf::NeededVersion& version : need.versions) {
            versions[index(version.index)] = {.name = version.name,
                                              .file = need.library,
                                              .hash = version.hash,
                                              .hidden = (version.index & elf::versym_hidden) != 0,
                                              .needed = true};
        }
    }
    for (const elf::DefinedVersion& version : read.definitions) {
        if ((version.flags & elf::ver_flg_base) != 0) continue;
        FoundVersion& entry = versions[index(version.index)];
        entry.name = version.name;
        entry.hash = version.hash;
        entry.file = {};
        entry.needed = false;
    }
}

void GlibcFacts::read_relocations(const Module& module, const VerifyRules& rules) {
    const elf::Image& image = *module.image();
    const elf::Dynamic& dynamic = *image.dynamic();
    const elf::SymbolTable& symbols = exports_->symbols();
    std::uint16_t machine = image.header().machine;
    WritablePlaces writable(image, rules.page_size);
    // One bit per way a symbol is looked up.
    std::vector<std::uint16_t> seen(symbols.size());
    bool fault_seen = false, plt_fault_seen = false;
    // Relocations of one type stand together.
    std::uint32_t last_type = 0;
    RelocationRole last_role = elf::role_of(machine, last_type);
    auto add_fault = [&](Reference::Kind kind, const elf::Relocation& relocation, bool in_plt) {
        // Each of them ends the start, or leaves everything behind it unknown; not_lazy only where binding is lazy.
        bool& is_seen = kind == Reference::Kind::not_lazy ? plt_fault_seen : fault_seen;
        if (std::exchange(is_seen, true)) return;
        Reference fault;
        fault.kind = kind;
        fault.type = relocation.type;
        fault.in_plt = in_plt;
        fault.record_offset = relocation.record_offset;
        references.push_back(fault);
    };
    for (const elf::RelocationRange& range : module.relocations()) {
        std::uint64_t first = leading_relative(image, range, writable);
        references.reserve(references.size() + std::min(range.size() - first, symbols.size()));
        bool in_plt = range.table == elf::RelocationTable::jmprel;
        whole = whole && range.whole;
        std::uint64_t relative = in_plt ? 0 : dynamic.value(range.with_addend ? elf::dt_relacount : elf::dt_relcount).value_or(0);
        for (std::uint64_t i = first; i < range.size() && !fault_seen; ++i) {
            elf::Relocation relocation = elf::relocation_at(image, range, i);
            if (relocation.type != last_type) last_role = elf::role_of(machine, last_type = relocation.type);
            RelocationRole role = last_role;
            if (i < relative && role != RelocationRole::relative) {
                add_fault(Reference::Kind::not_relative, relocation, false);
                continue;
            }
            // elf_machine_lazy_rel knows no others, R_*_NONE among them.
            bool lazy = role == RelocationRole::jump_slot || role == RelocationRole::tls_descriptor || role == RelocationRole::irelative;
            if (in_plt && !lazy && exactly_known(machine)) add_fault(Reference::Kind::not_lazy, relocation, true);
            if (role == RelocationRole::none) continue;
            bool refused = machine == elf::em_x86_64 && std::ranges::find(x86_64_refused, relocation.type) != x86_64_refused.end();
            // A type that is not known ends the start before anything is written.
            if (role != RelocationRole::unknown && !refused && !writable.hold(relocation.offset))
                add_fault(Reference::Kind::read_only_place, relocation, in_plt);
            if (role == RelocationRole::relative || role == RelocationRole::irelative) continue;
            if (relocation.symbol == 0 && role != RelocationRole::unknown && !refused) continue;
            if (relocation.symbol >= symbols.size()) {
                add_fault(relocation.symbol == 0 ? Reference::Kind::bad_type : Reference::Kind::unreadable, relocation, in_plt);
                continue;
            }
            LookupClass lookup_class = class_of(role);
            bool of_plt = in_plt && role == RelocationRole::jump_slot;
            bool static_tls = role == RelocationRole::tls_tpoff || role == RelocationRole::tls_descriptor;
            unsigned way = static_cast<unsigned>(lookup_class) * 4 + (of_plt ? 1 : 0) + (static_tls ? 2 : 0);
            bool bad = role == RelocationRole::unknown || refused;
            bool narrow = machine == elf::em_x86_64 && (relocation.type == x86_64_32 || relocation.type == x86_64_pc32);
            if (narrow) way = narrow_way;
            if (!bad && (seen[relocation.symbol] >> way & 1) != 0) continue;
            seen[relocation.symbol] |= static_cast<std::uint16_t>(1U << way);
            elf::Symbol symbol = symbols.at(relocation.symbol);
            bool local =
                symbol.binding() == elf::stb_local || symbol.visibility() == elf::stv_hidden || symbol.visibility() == elf::stv_internal;
            // Bound to what the file itself has for it, which is nothing.
            if (!symbol.defined() && (local || symbol.visibility() != elf::stv_default))
                add_fault(Reference::Kind::unreadable, relocation, in_plt);
            if (!local) {
                Reference& reference = references.emplace_back();
                reference.role = role;
                reference.lookup_class = lookup_class;
                reference.in_plt = of_plt;
                reference.may_be_far = narrow;
                reference.weak = symbol.binding() == elf::stb_weak;
                reference.defined = symbol.defined();
                reference.visibility = symbol.visibility();
                reference.type = relocation.type;
                reference.symbol = relocation.symbol;
                reference.symbol_size = symbol.size;
                reference.symbol_value = symbol.value;
                reference.record_offset = relocation.record_offset;
                reference.name = elf::HashedName(symbol.name);
                if (version_table_->has_versym) {
                    std::uint16_t index = version_table_->index_of(relocation.symbol) & elf::versym_index;
                    if (index < versions.size() && versions[index].hash != 0) reference.version = index;
                }
            }
            // The symbol is looked up before the type is found wanting.
            if (bad) add_fault(exactly_known(machine) ? Reference::Kind::bad_type : Reference::Kind::unreadable, relocation, in_plt);
        }
    }
}

GlibcFacts::Definition GlibcFacts::look_up(const elf::HashedName& name, const FoundVersion* version, LookupClass lookup_class,
                                           const GlibcRules& rules) const {
    constexpr std::uint32_t usable_types = 1U << elf::stt_notype | 1U << elf::stt_object | 1U << elf::stt_func | 1U << elf::stt_common |
        1U << elf::stt_tls | 1U << elf::stt_gnu_ifunc;
    Definition out;
    const elf::SymbolTable& symbols = exports_->symbols();
    std::uint32_t others = 0;
    std::uint64_t other = 0;
    auto accepts = [&](std::uint64_t index) {
        elf::Symbol symbol = symbols.unnamed_at(index);
        bool absolute_zero = symbol.section == elf::shn_abs && rules.absolute_zero;
        if (symbol.value == 0 && !absolute_zero && symbol.type() != elf::stt_tls) return false;
        if (lookup_class == LookupClass::plt && !symbol.defined()) return false;
        // glibc, sysdeps/mips/dl-machine.h, elf_machine_sym_no_match(): a stub, unless STO_MIPS_PLT says that its address is the
        // function's.
        constexpr std::uint8_t sto_mips_plt = 0x8;
        if (undefined_stubs && !symbol.defined() && (symbol.other & sto_mips_plt) == 0) return false;
        if ((usable_types >> symbol.type() & 1) == 0) return false;
        if (version != nullptr) {
            if (!has_version_table) {
                out.without_versions = true;
            } else {
                std::uint16_t stored = version_table_->index_of(index);
                std::uint16_t number = stored & elf::versym_index;
                const FoundVersion mine = number < versions.size() ? versions[number] : FoundVersion{};
                bool same = mine.hash == version->hash && mine.name == version->name;
                if (!same && (version->hidden || mine.hash != 0 || (stored & elf::versym_hidden) != 0)) return false;
            }
        } else if (has_version_table) {
            std::uint16_t stored = version_table_->index_of(index);
            constexpr std::uint16_t first_later_version = 3;   // 2 is the oldest version of the object
            if ((stored & elf::versym_index) >= first_later_version) {
                if ((stored & elf::versym_hidden) == 0 && others++ == 0) other = index;
                return false;
            }
        }
        out.index = index;
        out.symbol = symbol;
        return true;
    };
    bool found = exports_->for_each(name, accepts);
    if (!found && others == 1) {
        found = true;
        out.index = other;
        out.symbol = symbols.unnamed_at(other);
    }
    if (!found) return out;
    out.symbol.name = name.text;
    bool visible = out.symbol.visibility() != elf::stv_hidden && out.symbol.visibility() != elf::stv_internal;
    std::uint8_t binding = out.symbol.binding();
    out.found = visible && (binding == elf::stb_global || binding == elf::stb_weak || binding == elf::stb_gnu_unique);
    return out;
}

// For a machine whose relocation types are not known here: every undefined symbol counts as looked up at start.
void GlibcFacts::add_imports(const Module& module) {
    for (const elf::Import& import : module.imports()) {
        Reference reference;
        reference.weak = import.weak();
        reference.symbol = static_cast<std::uint32_t>(import.index);
        reference.symbol_size = import.symbol.size;
        reference.visibility = import.symbol.visibility();
        reference.record_offset = exports_->symbols().record_offset(import.index);
        reference.name = elf::HashedName(import.symbol.name);
        std::uint16_t index = version_table_->index_of(import.index) & elf::versym_index;
        if (index < versions.size() && versions[index].hash != 0) reference.version = index;
        references.push_back(reference);
    }
}

}  // namespace abiscope::loader
