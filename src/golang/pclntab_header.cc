#include "base/text.h"
#include "bytes/reader.h"
#include "golang/pclntab.h"
#include "golang/pclntab_format.h"

namespace abiscope::golang {

namespace {

Result<PclnHeader> start_of(View bytes) {
    PclnHeader header;
    if (bytes.size() < 8) return fail(ErrorCode::truncated, "Go function table: header", bytes.file_offset());
    for (Endian order : {Endian::little, Endian::big}) {
        header.order = order;
        switch (load<std::uint32_t>(bytes.data(), order)) {
            case pcln_magic_1_16: header.format = PclnFormat::go1_16; return header;
            case pcln_magic_1_18: header.format = PclnFormat::go1_18; return header;
            case pcln_magic_1_20: header.format = PclnFormat::go1_20; return header;
            case pcln_magic_1_2: return fail(ErrorCode::unsupported, "Go function table of Go 1.15 or older", bytes.file_offset());
            default: break;
        }
    }
    return fail(ErrorCode::bad_magic, "not the function table of a Go program", bytes.file_offset());
}

}  // namespace

Result<PclnHeader> read_pcln_header(View bytes) {
    ABISCOPE_TRY(PclnHeader header, start_of(bytes));
    Reader reader(bytes.from(4), header.order, "Go function table");
    std::uint16_t padding = reader.u16();
    header.quantum = reader.u8();
    header.word = reader.u8();
    auto wrong = [&](const std::string& what) { return fail(ErrorCode::bad_value, "Go function table: " + what, bytes.file_offset()); };
    if (padding != 0 || (header.quantum != 1 && header.quantum != 2 && header.quantum != 4) || (header.word != 4 && header.word != 8))
        return wrong("the first eight bytes are not those of a header");
    bool wide = header.word == 8;
    header.functions = reader.word(wide);
    header.files = reader.word(wide);
    if (header.format != PclnFormat::go1_16) header.text_start = reader.word(wide);
    header.names = reader.word(wide);
    header.units = reader.word(wide);
    header.file_names = reader.word(wide);
    header.tables = reader.word(wide);
    header.entries = reader.word(wide);
    if (!reader.ok()) return fail(reader.error());
    std::uint64_t after = 4 + reader.position();
    if (header.names < after || header.units < header.names || header.file_names < header.units || header.tables < header.file_names ||
        header.entries < header.tables || header.entries > bytes.size())
        return wrong("its parts do not follow each other");
    // One more entry than functions: where the text ends (without a record).
    std::uint64_t field = functab_field_size(header);
    View list = bytes.from(header.entries);
    if (header.functions == 0 || header.functions >= list.size() / (2 * field)) return wrong("its list of functions is not all there");
    auto pc = [&](std::uint64_t index) {
        const std::byte* at = list.data() + index * 2 * field;
        return field == 8 ? load<std::uint64_t>(at, header.order) : load<std::uint32_t>(at, header.order);
    };
    if (pc(0) >= pc(1) || pc(header.functions - 1) >= pc(header.functions)) return wrong("functions do not follow each other");
    return header;
}

}  // namespace abiscope::golang
