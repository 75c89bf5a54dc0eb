#include "elf/versions.h"

#include <algorithm>

#include "bytes/reader.h"

namespace abiscope::elf {

std::uint32_t sysv_hash(std::string_view name) {
    std::uint32_t hash = 0;
    for (char c : name) {
        hash = (hash << 4) + static_cast<unsigned char>(c);
        std::uint32_t high = hash & 0xf0000000;
        hash ^= high >> 24;
        hash &= ~high;
    }
    return hash;
}

namespace {

// Both chains are linked by byte distances from the record's own start; a distance of zero ends the chain. Distances only lead
// forward, so a walk inside the view ends. Records may overlap in a hostile file, so their number is bounded by how many could lie side
// by side.
constexpr std::uint64_t least_record = 8;

// Sonames and versions are shorter; without a bound, every record could ask for the same megabytes to be searched for a NUL.
constexpr std::uint64_t longest_name = 1 << 12;

std::string_view name_at(const Dynamic& dynamic, std::uint32_t offset) {
    return dynamic.strings.clamped(offset, longest_name).c_string(0).value_or(std::string_view());
}

void read_needs(const Image& image, const Dynamic& dynamic, Versions& out) {
    auto address = dynamic.value(dt_verneed);
    if (!address) return;
    View table = image.view_at(*address);
    Endian order = image.encoding().order;
    std::uint64_t left = table.size() / least_record;
    auto text = [&](std::uint32_t offset) { return name_at(dynamic, offset); };
    for (std::uint64_t at = 0;;) {
        Reader reader(table.from(at), order, "version need");
        VersionNeed need;
        need.record_offset = reader.file_offset();
        need.version = reader.u16();
        std::uint16_t count = reader.u16();
        need.library = text(reader.u32());
        std::uint32_t first = reader.u32();
        std::uint32_t next = reader.u32();
        if (!reader.ok() || left == 0) {
            out.whole = false;
            return;
        }
        --left;
        std::uint64_t entry = at + first;
        for (std::uint32_t i = 0; i < count; ++i) {
            Reader auxiliary(table.from(entry), order, "version need entry");
            NeededVersion version;
            version.record_offset = auxiliary.file_offset();
            version.hash = auxiliary.u32();
            version.flags = auxiliary.u16();
            version.index = auxiliary.u16();
            version.name = text(auxiliary.u32());
            std::uint32_t step = auxiliary.u32();
            if (!auxiliary.ok() || left == 0) {
                out.whole = false;
                break;
            }
            --left;
            need.versions.push_back(version);
            if (step == 0) break;
            entry += step;
        }
        out.needs.push_back(std::move(need));
        if (next == 0) return;
        at += next;
    }
}

void read_definitions(const Image& image, const Dynamic& dynamic, Versions& out) {
    auto address = dynamic.value(dt_verdef);
    if (!address) return;
    View table = image.view_at(*address);
    Endian order = image.encoding().order;
    std::uint64_t left = table.size() / least_record;
    for (std::uint64_t at = 0;;) {
        Reader reader(table.from(at), order, "version definition");
        DefinedVersion definition;
        definition.record_offset = reader.file_offset();
        definition.version = reader.u16();
        definition.flags = reader.u16();
        definition.index = reader.u16();
        std::uint16_t count = reader.u16();
        definition.hash = reader.u32();
        std::uint32_t first = reader.u32();
        std::uint32_t next = reader.u32();
        if (!reader.ok() || left == 0) {
            out.whole = false;
            return;
        }
        --left;
        std::uint64_t entry = at + first;
        for (std::uint32_t i = 0; i < count; ++i) {
            Reader auxiliary(table.from(entry), order, "version definition entry");
            std::string_view name = name_at(dynamic, auxiliary.u32());
            std::uint32_t step = auxiliary.u32();
            if (!auxiliary.ok() || left == 0) {
                out.whole = false;
                break;
            }
            --left;
            if (i == 0) definition.name = name;
            else definition.parents.push_back(name);
            if (step == 0) break;
            entry += step;
        }
        out.definitions.push_back(std::move(definition));
        if (next == 0) return;
        at += next;
    }
}

}  // namespace

std::uint16_t Versions::highest_index(std::uint64_t symbols) const {
    std::uint16_t highest = 0;
    for (std::uint64_t i = 0; i < std::min(symbols, symbol_versions.size() / 2); ++i)
        highest = std::max<std::uint16_t>(highest, load<std::uint16_t>(symbol_versions.data() + i * 2, encoding.order) & versym_index);
    return has_versym ? highest : ver_ndx_global;
}

void Versions::index_records() {
    auto note = [](std::vector<Place>& places, std::uint16_t index, std::size_t list, std::size_t record) {
        std::size_t at = index & versym_index;
        if (places.size() <= at) places.resize(at + 1);
        if (places[at].record == Place::none) places[at] = {static_cast<std::uint32_t>(list), static_cast<std::uint32_t>(record)};
    };
    for (std::size_t i = 0; i < needs.size(); ++i) {
        for (std::size_t j = 0; j < needs[i].versions.size(); ++j) note(needed_at_, needs[i].versions[j].index, i, j);
    }
    for (std::size_t i = 0; i < definitions.size(); ++i) note(defined_at_, definitions[i].index, 0, i);
}

const NeededVersion* Versions::needed(std::uint16_t index, std::string_view* library) const {
    std::size_t at = index & versym_index;
    if (at >= needed_at_.size() || needed_at_[at].record == Place::none) return nullptr;
    const VersionNeed& need = needs[needed_at_[at].list];
    if (library != nullptr) *library = need.library;
    return &need.versions[needed_at_[at].record];
}

const DefinedVersion* Versions::defined(std::uint16_t index) const {
    std::size_t at = index & versym_index;
    if (at >= defined_at_.size() || defined_at_[at].record == Place::none) return nullptr;
    return &definitions[defined_at_[at].record];
}

const DefinedVersion* Versions::find_definition(std::string_view name) const {
    for (const DefinedVersion& definition : definitions) {
        if (definition.name == name) return &definition;
    }
    return nullptr;
}

Versions read_versions(const Image& image) {
    Versions out;
    out.encoding = image.encoding();
    if (!image.dynamic()) return out;
    const Dynamic& dynamic = *image.dynamic();
    read_needs(image, dynamic, out);
    read_definitions(image, dynamic, out);
    out.index_records();
    if (auto address = dynamic.value(dt_versym)) {
        out.has_versym = true;
        out.symbol_versions = image.view_at(*address);
    }
    return out;
}

}  // namespace abiscope::elf
