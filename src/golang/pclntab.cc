#include "golang/pclntab.h"

#include <algorithm>

#include "golang/pclntab_format.h"

namespace abiscope::golang {

namespace {

template <std::integral T>
std::optional<T> integer_at(View bytes, std::uint64_t offset, Endian order) {
    if (!range_fits(offset, sizeof(T), bytes.size())) return std::nullopt;
    return load<T>(bytes.data() + offset, order);
}

// Most names and files are short; no terminator within the part is no text.
std::string_view text_at(View part, std::uint64_t offset) { return part.c_string(offset).value_or(std::string_view()); }

// Pairs of a value's change (zigzag) and a pc's, as varints; a change of zero that is not the first ends the table.
class PcValues {
public:
    PcValues(View table, std::uint64_t entry, unsigned quantum)
        : at_(table.data()), end_(table.data() + table.size()), pc_(entry), quantum_(quantum) {}

    // Steps to the next run [start(), pc()) of value().
    bool next() {
        std::uint32_t change = 0, distance = 0;
        // No linker writes an empty run; without this rule a table could hold any number of them.
        if (!varint(change) || (change == 0 && !first_) || !varint(distance) || distance == 0) return false;
        first_ = false;
        value_ += static_cast<std::uint32_t>((change & 1) != 0 ? ~(change >> 1) : change >> 1);
        start_ = pc_;
        pc_ += std::uint64_t{distance} * quantum_;
        return true;
    }
    [[nodiscard]] std::int32_t value() const { return static_cast<std::int32_t>(value_); }
    [[nodiscard]] std::uint64_t start() const { return start_; }
    [[nodiscard]] std::uint64_t pc() const { return pc_; }

private:
    bool varint(std::uint32_t& out) {
        out = 0;
        for (unsigned shift = 0; at_ != end_ && shift < 35; shift += 7) {
            auto byte = std::to_integer<std::uint32_t>(*at_++);
            out |= (byte & 0x7f) << shift;
            if (byte < 0x80) return true;
        }
        return false;
    }

    const std::byte* at_;
    const std::byte* end_;
    std::uint64_t start_ = 0;
    std::uint64_t pc_;
    std::uint32_t value_ = 0xffffffff;
    unsigned quantum_;
    bool first_ = true;
};

}  // namespace

PclnTable::PclnTable(View bytes, const PclnHeader& header, Place place)
    : bytes_(bytes),
      entries_(bytes.from(header.entries)),
      names_(bytes.clamped(header.names, header.units - header.names)),
      units_(bytes.clamped(header.units, header.file_names - header.units)),
      file_names_(bytes.clamped(header.file_names, header.tables - header.file_names)),
      tables_(bytes.clamped(header.tables, header.entries - header.tables)),
      header_(header),
      place_(std::move(place)),
      count_(static_cast<std::uint32_t>(header.functions)) {}

Result<PclnTable> PclnTable::open(View bytes, Place place) {
    ABISCOPE_TRY(PclnHeader header, read_pcln_header(bytes));
    if (header.functions > 0x7fffffff) return fail(ErrorCode::bad_value, "Go function table: number of functions", bytes.file_offset());
    return PclnTable(bytes, header, std::move(place));
}

std::uint64_t PclnTable::address_of(std::uint64_t text_offset) const {
    for (const TextSection& part : place_.sections) {
        bool last = &part == &place_.sections.back();
        if (text_offset >= part.start && (text_offset < part.end || (last && text_offset == part.end)))
            return part.address + (text_offset - part.start);
    }
    return place_.text + text_offset;
}

std::optional<std::uint64_t> PclnTable::text_offset(std::uint64_t pc) const {
    for (const TextSection& part : place_.sections) {
        bool last = &part == &place_.sections.back();
        if (range_contains(part.address, part.end - part.start + (last ? 1 : 0), pc)) return pc - part.address + part.start;
    }
    if (!place_.sections.empty() || pc < place_.text) return std::nullopt;
    return pc - place_.text;
}

std::uint64_t PclnTable::entry_of(std::uint32_t index) const {
    // The header's check has proved that count_ + 1 entries fit.
    if (header_.format == PclnFormat::go1_16) {
        std::uint64_t at = std::uint64_t{index} * 2 * header_.word;
        return header_.word == 8 ? load<std::uint64_t>(entries_.data() + at, header_.order)
                                 : load<std::uint32_t>(entries_.data() + at, header_.order);
    }
    return address_of(load<std::uint32_t>(entries_.data() + std::uint64_t{index} * 8, header_.order));
}

std::optional<Function> PclnTable::decode(std::uint32_t index) const {
    std::uint64_t field = functab_field_size(header_);
    std::uint64_t place = std::uint64_t{index} * 2 * field + field;
    std::uint64_t offset = field == 8 ? load<std::uint64_t>(entries_.data() + place, header_.order)
                                      : load<std::uint32_t>(entries_.data() + place, header_.order);
    FuncLayout layout = func_layout(header_.format, header_.word);
    if (!range_fits(offset, layout.size, entries_.size())) return std::nullopt;
    const std::byte* record = entries_.data() + offset;
    auto u32 = [&](unsigned at) { return load<std::uint32_t>(record + at, header_.order); };
    Function out;
    out.index = index;
    out.entry = entry_of(index);
    out.end = entry_of(index + 1);
    out.record = header_.entries + offset;
    out.name = static_cast<std::int32_t>(u32(layout.name));
    if (auto args = static_cast<std::int32_t>(u32(layout.args)); args != args_unknown) out.args = args;
    out.deferreturn = u32(layout.deferreturn);
    out.pcsp = u32(layout.pcsp);
    out.pcfile = u32(layout.pcfile);
    out.pcln = u32(layout.pcln);
    out.pcdata_count = u32(layout.pcdata_count);
    out.unit = u32(layout.unit);
    if (layout.start_line != 0) out.start_line = static_cast<std::int32_t>(u32(layout.start_line));
    out.id = std::to_integer<std::uint8_t>(record[layout.id]);
    out.flags = std::to_integer<std::uint8_t>(record[layout.flags]);
    out.funcdata_count = std::to_integer<std::uint8_t>(record[layout.funcdata_count]);
    return out;
}

std::optional<Function> PclnTable::at(std::uint32_t index) const {
    if (index >= count_) return std::nullopt;
    return decode(index);
}

std::optional<Function> PclnTable::find(std::uint64_t pc) const {
    std::uint64_t wanted = pc;
    if (header_.format != PclnFormat::go1_16) {
        auto offset = text_offset(pc);
        if (!offset) return std::nullopt;
        wanted = *offset;
    }
    std::uint64_t field = functab_field_size(header_);
    auto start_of = [&](std::uint32_t index) {
        const std::byte* at = entries_.data() + std::uint64_t{index} * 2 * field;
        return field == 8 ? load<std::uint64_t>(at, header_.order) : load<std::uint32_t>(at, header_.order);
    };
    if (wanted < start_of(0) || wanted >= start_of(count_)) return std::nullopt;
    std::uint32_t low = 0, high = count_;   // start_of(low) <= wanted < start_of(high)
    while (high - low > 1) {
        std::uint32_t middle = low + (high - low) / 2;
        if (start_of(middle) <= wanted) low = middle;
        else high = middle;
    }
    return decode(low);
}

std::string_view PclnTable::name_at(std::int32_t offset) const {
    return offset < 0 ? std::string_view() : text_at(names_, static_cast<std::uint64_t>(offset));
}

std::string_view PclnTable::file(const Function& function, std::uint64_t pc) const {
    auto number = value(function, function.pcfile, pc);
    if (!number || *number < 0) return {};
    auto offset =
        integer_at<std::uint32_t>(units_, (std::uint64_t{function.unit} + static_cast<std::uint32_t>(*number)) * 4, header_.order);
    if (!offset || *offset == no_offset) return {};
    return text_at(file_names_, *offset);
}

std::int32_t PclnTable::line(const Function& function, std::uint64_t pc) const {
    return std::max(0, value(function, function.pcln, pc).value_or(0));
}

std::optional<std::int32_t> PclnTable::value(const Function& function, std::uint32_t offset, std::uint64_t pc) const {
    if (offset == 0 || pc < function.entry) return std::nullopt;
    PcValues values(tables_.from(offset), function.entry, header_.quantum);
    while (values.next()) {
        if (pc < values.pc()) return values.value();
    }
    return std::nullopt;
}

std::uint32_t PclnTable::pcdata_table(const Function& function, PcData which) const {
    auto number = static_cast<std::uint32_t>(which);
    if (number >= function.pcdata_count) return 0;
    std::uint64_t at = function.record + func_layout(header_.format, header_.word).size + std::uint64_t{number} * 4;
    return integer_at<std::uint32_t>(bytes_, at, header_.order).value_or(0);
}

std::optional<std::int32_t> PclnTable::pcdata(const Function& function, PcData which, std::uint64_t pc) const {
    return value(function, pcdata_table(function, which), pc);
}

std::optional<std::uint64_t> PclnTable::funcdata(const Function& function, FuncData which) const {
    auto number = static_cast<std::uint32_t>(which);
    if (number >= function.funcdata_count) return std::nullopt;
    std::uint64_t at = function.record + func_layout(header_.format, header_.word).size + std::uint64_t{function.pcdata_count} * 4;
    if (header_.format != PclnFormat::go1_16) {
        auto offset = integer_at<std::uint32_t>(bytes_, at + std::uint64_t{number} * 4, header_.order);
        if (!offset || *offset == no_offset) return std::nullopt;
        return place_.funcdata + *offset;
    }
    // Pointers, at the next address that is a multiple of their size.
    at += align_up(place_.address + at, header_.word) - (place_.address + at) + std::uint64_t{number} * header_.word;
    std::optional<std::uint64_t> address;
    if (header_.word == 8) address = integer_at<std::uint64_t>(bytes_, at, header_.order);
    else if (auto narrow = integer_at<std::uint32_t>(bytes_, at, header_.order)) address = *narrow;
    return address && *address != 0 ? address : std::nullopt;
}

PclnTable::Lines PclnTable::lines(const Function& function) const {
    Lines out;
    if (function.pcln == 0) return out;
    PcValues values(tables_.from(function.pcln), function.entry, header_.quantum);
    PcValues files(tables_.from(function.pcfile), function.entry, header_.quantum);
    bool more = function.pcfile != 0 && files.next();
    std::int32_t own = files.value();
    while (values.next() && values.start() < function.end) {
        ++out.steps;
        for (; more && files.pc() <= values.start(); ++out.steps) more = files.next();
        if (values.value() <= 0 || (more && files.value() != own)) continue;
        out.first = out.first == 0 ? values.value() : std::min(out.first, values.value());
        out.last = std::max(out.last, values.value());
    }
    return out;
}

std::int32_t PclnTable::highest(const Function& function, PcData which) const {
    std::int32_t out = -1;
    if (std::uint32_t offset = pcdata_table(function, which); offset != 0) {
        PcValues values(tables_.from(offset), function.entry, header_.quantum);
        while (values.next() && values.start() < function.end) out = std::max(out, values.value());
    }
    return out;
}

std::optional<PclnTable::InlinedCall> PclnTable::inlined(View tree, std::int32_t index) const {
    if (index < 0) return std::nullopt;
    std::uint64_t at = static_cast<std::uint64_t>(index) * inlined_call_size(header_.format);
    if (!range_fits(at, inlined_call_size(header_.format), tree.size())) return std::nullopt;
    const std::byte* entry = tree.data() + at;
    auto i32 = [&](unsigned offset) { return load<std::int32_t>(entry + offset, header_.order); };
    if (header_.format == PclnFormat::go1_20)
        return InlinedCall{.id = std::to_integer<std::uint8_t>(entry[0]), .name = i32(4), .parent_pc = i32(8), .start_line = i32(12)};
    return InlinedCall{.id = std::to_integer<std::uint8_t>(entry[2]), .name = i32(12), .parent_pc = i32(16), .start_line = 0};
}

std::size_t PclnTable::frames(const Function& function, std::uint64_t pc, View tree, std::span<SourceFrame> out) const {
    std::size_t count = 0;
    while (count < out.size()) {
        SourceFrame frame;
        frame.file = file(function, pc);
        frame.line = line(function, pc);
        auto call = inlined(tree, pcdata(function, PcData::inline_tree_index, pc).value_or(-1));
        if (!call) {
            frame.function = name(function);
            frame.start_line = function.start_line.value_or(0);
            frame.id = function.id;
            out[count++] = frame;
            break;
        }
        frame.function = name_at(call->name);
        frame.start_line = call->start_line;
        frame.id = call->id;
        frame.inlined = true;
        out[count++] = frame;
        // A call lies before what was inlined at it ends, not at it; a tree that says otherwise only fills `out`.
        pc = function.entry + static_cast<std::uint64_t>(static_cast<std::int64_t>(call->parent_pc));
    }
    return count;
}

}  // namespace abiscope::golang
