#include "pe/tls.h"

#include <array>

#include "base/text.h"
#include "bytes/reader.h"
#include "pe/damage.h"
#include "pe/image.h"

namespace abiscope::pe {

namespace {

void read_callbacks(const Image& image, Tls& tls, finding::Sink& sink) {
    std::uint64_t width = image.wide() ? 8 : 4;
    auto start = image.rva_of(tls.callbacks_address);
    for (std::uint64_t i = 0;; ++i) {
        std::array<std::byte, 8> raw{};
        auto offset = start ? image.copy_rva(*start + i * width, std::span(raw).first(width)) : std::nullopt;
        if (!offset) {
            report_damage(sink, "TLS directory",
                          finding::Evidence::value("pe/tls.AddressOfCallBacks", tls.offset, 0, text::hex(tls.callbacks_address)),
                          "the list of callbacks is not in the file, or has no end");
            return;
        }
        auto callback = load<std::uint64_t>(raw.data(), Endian::little);
        if (callback == 0) return;
        tls.callbacks.push_back(callback);
    }
}

}  // namespace

Result<std::optional<Tls>> read_tls(const Image& image, finding::Sink& sink) {
    auto directory = image.directory(Directory::tls);
    if (!directory) return std::nullopt;
    bool wide = image.wide();
    ABISCOPE_TRY(View view, image.at_rva(directory->rva, wide ? 40 : 24, "the TLS directory"));
    Reader reader(view, Endian::little, "the TLS directory");
    Tls tls{.offset = reader.file_offset()};
    tls.template_start = reader.word(wide);
    tls.template_end = reader.word(wide);
    tls.index_address = reader.word(wide);
    tls.callbacks_address = reader.word(wide);
    tls.zero_fill = reader.u32();
    tls.characteristics = reader.u32();
    if (tls.callbacks_address != 0) read_callbacks(image, tls, sink);
    return tls;
}

}  // namespace abiscope::pe
