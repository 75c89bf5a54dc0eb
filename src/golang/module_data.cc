#include "golang/module_data.h"

#include "golang/release_data.h"

namespace abiscope::golang {

namespace {

constexpr std::uint64_t most_text_sections = 1 << 16;
constexpr std::uint64_t longest_name = 4096;

// Reads the fields of one layout. What a release does not have is read as zero.
class Fields {
public:
    Fields(const Memory& memory, std::uint64_t address, const StructLayout& layout) : memory_(memory), layout_(layout), address_(address) {}

    [[nodiscard]] bool has(std::string_view name) const { return layout_.field(name).has_value(); }
    [[nodiscard]] std::uint64_t word(std::string_view name, unsigned index = 0) const {
        auto place = layout_.field(name);
        return place ? memory_.pointer(address_ + place->offset + std::uint64_t{index} * memory_.word()).value_or(0) : 0;
    }
    [[nodiscard]] std::uint8_t byte(std::string_view name) const {
        auto place = layout_.field(name);
        return place ? memory_.integer<std::uint8_t>(address_ + place->offset).value_or(0xff) : 0;
    }
    [[nodiscard]] AddressRange range(std::string_view start, std::string_view end) const { return {word(start), word(end)}; }
    [[nodiscard]] Slice slice(std::string_view name) const { return {word(name), word(name, 1), word(name, 2)}; }
    [[nodiscard]] std::optional<std::string> text(std::string_view name) const {
        Slice header{word(name), word(name, 1), 0};
        if (header.length == 0) return std::string();
        if (header.length > longest_name) return std::nullopt;
        auto bytes = memory_.bytes(header.data, header.length);
        if (!bytes || bytes->as_text().find('\0') != std::string_view::npos) return std::nullopt;
        return std::string(bytes->as_text());
    }

private:
    const Memory& memory_;
    const StructLayout& layout_;
    std::uint64_t address_;
};

// textsect of runtime/symtab.go: start, end (its length before 1.18), address; a word each.
std::vector<TextSection> text_sections(const Memory& memory, const Slice& map, const PclnHeader& header) {
    std::vector<TextSection> out;
    std::uint64_t word = memory.word();
    auto bytes = memory.bytes(map.data, map.length * 3 * word);
    if (!bytes) return out;
    for (std::uint64_t i = 0; i < map.length; ++i) {
        TextSection part;
        part.start = memory.pointer(map.data + i * 3 * word).value_or(0);
        part.end = memory.pointer(map.data + (i * 3 + 1) * word).value_or(0);
        part.address = memory.pointer(map.data + (i * 3 + 2) * word).value_or(0);
        if (header.format == PclnFormat::go1_16) part.end += part.start;
        if (part.end < part.start) return {};
        out.push_back(part);
    }
    return out;
}

bool mapped(const Memory& memory, std::uint64_t address, std::uint64_t size) { return memory.at(address).size() >= size; }

bool whole(const Memory& memory, const Slice& slice, std::uint64_t element) {
    return slice.length == slice.capacity && slice.length <= memory.at(slice.data).size() / element;
}

bool in_memory(const Memory& memory, std::uint64_t address) {
    for (const MemoryRange& range : memory.ranges()) {
        // The end of one range counts: symbols for an end lie there.
        if (address >= range.address && address - range.address <= range.size) return true;
    }
    return false;
}

// Whether the bytes can be module data of this layout. Each question is one that the neighbouring layouts answer otherwise.
bool agrees(const Memory& memory, const Fields& fields, const Module& module, const PclnHeader& header) {
    std::uint64_t word = memory.word();
    Slice map = fields.slice("textsectmap");
    if (map.length == 0 || map.length > most_text_sections || !whole(memory, map, 3 * word)) return false;
    // The first part starts where the text does; linkers for AIX and Windows may put something before it.
    auto parts = text_sections(memory, map, header);
    if (parts.empty() || parts[0].start != 0 || parts[0].address < module.text.start || parts[0].address >= module.text.end) return false;
    if (module.types.start > module.types.end || !mapped(memory, module.types.start, word)) return false;
    if (!in_memory(memory, module.types.end) || !in_memory(memory, module.end)) return false;
    if (fields.has("rodata") && !in_memory(memory, module.rodata)) return false;
    if (fields.has("gofunc") && !in_memory(memory, module.funcdata)) return false;
    std::uint64_t types = module.types.size();
    if (fields.has("typelinks")) {
        if (!whole(memory, module.typelinks, 4) || !whole(memory, module.itablinks, word)) return false;
        for (std::uint64_t i : {std::uint64_t{0}, module.typelinks.length / 2}) {
            if (i < module.typelinks.length && memory.integer<std::uint32_t>(module.typelinks.data + i * 4).value_or(0) >= types)
                return false;
        }
    }
    if (fields.has("typedesclen") && (module.descriptors.value_or(0) > types || module.itabs.end - module.types.start > types))
        return false;
    if (fields.has("epclntab")) {
        // The data of functions lies within the table's section.
        std::uint64_t end = fields.word("epclntab");
        if (end <= module.table_address || module.funcdata < module.table_address || module.funcdata > end) return false;
    }
    if (fields.has("inittasks") && fields.slice("inittasks").length == 0) return false;
    if (!whole(memory, fields.slice("inittasks"), word)) return false;
    if (!fields.text("pluginpath") || !fields.text("modulename")) return false;
    return fields.byte("hasmain") <= 1 && fields.byte("bad") <= 1;
}

void read_shared(const Fields& fields, Module& out) {
    out.text = fields.range("text", "etext");
    out.noptrdata = fields.range("noptrdata", "enoptrdata");
    out.data = fields.range("data", "edata");
    out.bss = fields.range("bss", "ebss");
    out.noptrbss = fields.range("noptrbss", "enoptrbss");
    out.findfunctab = fields.word("findfunctab");
}

void read_rest(const Memory& memory, const Fields& fields, const PclnHeader& header, Module& out) {
    out.end = fields.word("end");
    out.gcdata = fields.word("gcdata");
    out.gcbss = fields.word("gcbss");
    out.types = fields.range("types", "etypes");
    out.rodata = fields.word("rodata");
    out.funcdata = fields.word("gofunc");
    out.descriptors.reset();
    out.itabs = {};
    if (fields.has("typedesclen")) {
        out.descriptors = fields.word("typedesclen");
        out.itabs.start = out.types.start + fields.word("itaboffset");
        out.itabs.end = out.itabs.start + fields.word("itabsize");
    }
    out.typelinks = fields.slice("typelinks");
    out.itablinks = fields.slice("itablinks");
    out.plugin_path = fields.text("pluginpath").value_or("");
    out.name = fields.text("modulename").value_or("");
    out.has_main = fields.byte("hasmain") == 1;
    out.next = fields.word("next");
    out.sections = text_sections(memory, fields.slice("textsectmap"), header);
    if (out.sections.size() < 2) out.sections.clear();
}

}  // namespace

Module read_module(const Memory& memory, std::uint64_t address, const PclnHeader& header, std::optional<Release> known) {
    Module out;
    out.address = address;
    out.table_address = memory.pointer(address).value_or(0);
    if (View bytes = memory.at(address); !bytes.empty()) out.file_offset = bytes.file_offset();
    Release first = oldest_release, last = newest_release;
    if (header.format == PclnFormat::go1_16) last = {17};
    if (header.format == PclnFormat::go1_18) first = {18}, last = {19};
    if (header.format == PclnFormat::go1_20) first = {20};
    auto read_as = [&](Release release, Module& into) {
        auto layout = struct_layout("runtime.moduledata", release, memory.word());
        if (!layout) return false;
        Fields fields(memory, address, *layout);
        read_shared(fields, into);
        read_rest(memory, fields, header, into);
        return agrees(memory, fields, into, header);
    };
    std::optional<Release> chosen;
    for (Release release = first; release <= last; ++release.minor) {
        Module attempt = out;
        if (!read_as(release, attempt)) continue;
        if (!chosen) out.fits.first = release;
        out.fits.last = release;
        if (!chosen || release == known) chosen = release;
    }
    out.shape_known = chosen.has_value();
    if (chosen) {
        read_as(*chosen, out);
    } else if (auto layout = struct_layout("runtime.moduledata", last, memory.word())) {
        read_shared(Fields(memory, address, *layout), out);
        out.fits = {first, last};
    }
    return out;
}

}  // namespace abiscope::golang
