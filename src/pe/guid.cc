#include "pe/guid.h"

#include <fmt/format.h>

namespace abiscope::pe {

Guid read_guid(Reader& reader) {
    Guid guid;
    guid.data1 = reader.u32();
    guid.data2 = reader.u16();
    guid.data3 = reader.u16();
    for (std::uint8_t& byte : guid.data4) byte = reader.u8();
    return guid;
}

std::string to_string(const Guid& guid) {
    std::string text = fmt::format("{:08X}-{:04X}-{:04X}-{:02X}{:02X}-", guid.data1, guid.data2, guid.data3, guid.data4[0], guid.data4[1]);
    for (std::size_t i = 2; i < guid.data4.size(); ++i) text += fmt::format("{:02X}", guid.data4[i]);
    return text;
}

}  // namespace abiscope::pe
