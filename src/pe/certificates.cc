#include "pe/certificates.h"

#include <fmt/format.h>

#include "bytes/reader.h"
#include "pe/damage.h"
#include "pe/image.h"

namespace abiscope::pe {

Result<std::vector<Certificate>> read_certificates(const Image& image, finding::Sink& sink) {
    std::vector<Certificate> certificates;
    if (!image.directory(Directory::certificates)) return certificates;
    ABISCOPE_TRY(View table, image.directory_bytes(Directory::certificates, "certificate table"));
    constexpr std::uint64_t header_size = 8;
    std::uint64_t at = 0;
    while (at < table.size()) {
        Reader reader(table.from(at), Endian::little, "a certificate");
        Certificate certificate{.offset = reader.file_offset()};
        certificate.size = reader.u32();
        certificate.revision = reader.u16();
        certificate.type = reader.u16();
        if (!reader.ok() || certificate.size < header_size || certificate.size > table.size() - at) {
            report_damage(sink, "certificate table",
                          finding::Evidence::value(fmt::format("pe/certificate[{}].dwLength", certificates.size()), certificate.offset, 4,
                                                   fmt::format("{} bytes claimed, {} left", certificate.size, table.size() - at)),
                          "an entry does not fit the table");
            break;
        }
        certificate.data = table.clamped(at + header_size, certificate.size - header_size);
        certificates.push_back(certificate);
        at = align_up(at + certificate.size, 8);
    }
    return certificates;
}

}  // namespace abiscope::pe
