#include "pe/image.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace abiscope::pe {

namespace {

std::unexpected<Error> not_an_image(const Identity& identity, View bytes) {
    std::uint64_t at = bytes.file_offset(identity.header_offset);
    if (identity.kind == FileKind::none) {
        return fail(
            Error{.code = ErrorCode::bad_magic, .what = "is no PE or COFF file", .file = {}, .offset = at, .wanted = {}, .had = {}});
    }
    Error error{.code = ErrorCode::unsupported,
                .what = fmt::format("is another format: {}", describe(identity.kind)),
                .file = {},
                .offset = at,
                .wanted = {},
                .had = {}};
    if (auto dos = identity.kind == FileKind::dos ? read_dos_header(bytes) : fail(ErrorCode::bad_magic, {})) {
        // A cut PE file looks the same as a DOS program.
        if (dos->lfanew >= bytes.size()) error.had = fmt::format("e_lfanew {:#x} is past the end, as in a truncated PE file", dos->lfanew);
    }
    return fail(std::move(error));
}

}  // namespace

Result<Image> Image::parse(SourcePtr source, View bytes, finding::Sink& sink) {
    auto located = [&source](Error error) {
        if (error.file.empty() && source) error.file = source->name();
        return fail(std::move(error));
    };
    Identity identity = identify(bytes);
    Image image;
    image.bytes_ = bytes;
    image.kind_ = identity.kind;
    std::uint64_t section_table = 0;
    if (identity.kind == FileKind::image) {
        auto dos = read_dos_header(bytes);
        if (!dos) return located(std::move(dos).error());
        image.dos_ = *dos;
        std::uint64_t coff_offset = std::uint64_t{dos->lfanew} + 4;
        auto coff = read_coff_header(bytes, coff_offset);
        if (!coff) return located(std::move(coff).error());
        image.coff_ = *coff;
        auto optional = read_optional_header(bytes, coff_offset + 20, sink);
        if (!optional) return located(std::move(optional).error());
        image.optional_ = *std::move(optional);
        section_table = coff_offset + 20 + coff->optional_header_size;
    } else if (identity.kind == FileKind::object || identity.kind == FileKind::big_object) {
        bool big = identity.kind == FileKind::big_object;
        auto coff = big ? read_big_object_header(bytes) : read_coff_header(bytes, 0);
        if (!coff) return located(std::move(coff).error());
        image.coff_ = *coff;
        section_table = big ? 56 : 20;
    } else {
        return located(not_an_image(identity, bytes).error());
    }
    image.sections_ = read_sections(bytes, image.coff_, section_table, sink);
    image.source_ = std::move(source);
    if (image.optional_) {
        image.mapping_ = Mapping::make(bytes, image.coff_, *image.optional_, image.sections_);
        check_headers(image, sink);
    }
    return image;
}

std::optional<DataDirectory> Image::directory(Directory which) const {
    auto index = static_cast<std::size_t>(which);
    if (!optional_ || index >= optional_->directories.size() || optional_->directories[index].rva == 0) return std::nullopt;
    return optional_->directories[index];
}

Result<View> Image::directory_bytes(Directory which, std::string_view what) const {
    auto entry = directory(which);
    if (!entry) return fail(ErrorCode::not_found, fmt::format("has no {}", what));
    View found = which == Directory::certificates ? bytes_.from(entry->rva) : from_rva(entry->rva);
    if (found.empty()) {
        return fail(Error{.code = ErrorCode::truncated,
                          .what = fmt::format("{} is not in the file", what),
                          .file = {},
                          .offset = entry->offset,
                          .wanted = fmt::format("{} bytes at {:#x}", entry->size, entry->rva),
                          .had = "0 bytes"});
    }
    return found.clamped(0, entry->size);
}

Result<View> Image::at_rva(std::uint64_t rva, std::uint64_t size, std::string_view what) const {
    View found = from_rva(rva);
    if (auto part = found.empty() ? std::nullopt : found.try_slice(0, size)) return *part;
    return fail(Error{.code = ErrorCode::truncated,
                      .what = fmt::format("{} is not in the file", what),
                      .file = {},
                      .offset = found.empty() ? Error::no_offset : found.file_offset(),
                      .wanted = fmt::format("{} bytes at RVA {:#x}", size, rva),
                      .had = fmt::format("{} bytes", found.size())});
}

View Image::from_rva(std::uint64_t rva) const {
    auto mapped = mapping_.at(rva);
    return mapped ? mapped->bytes : View{};
}

std::optional<std::uint64_t> Image::copy_rva(std::uint64_t rva, std::span<std::byte> out) const {
    auto mapped = mapping_.at(rva);
    if (!mapped || mapped->bytes.size() + mapped->zeros < out.size()) return std::nullopt;
    std::size_t backed = std::min<std::size_t>(out.size(), mapped->bytes.size());
    if (backed != 0) std::memcpy(out.data(), mapped->bytes.data(), backed);
    std::ranges::fill(out.subspan(backed), std::byte{0});
    return mapped->bytes.file_offset();
}

std::optional<std::uint64_t> Image::file_offset_of_rva(std::uint64_t rva) const {
    auto offset = mapping_.image_offset(rva);
    if (!offset) return std::nullopt;
    return bytes_.file_offset(*offset);
}

std::optional<std::uint32_t> Image::rva_of(std::uint64_t virtual_address) const {
    if (!optional_ || virtual_address < optional_->image_base) return std::nullopt;
    std::uint64_t rva = virtual_address - optional_->image_base;
    if (rva > 0xffff'ffff) return std::nullopt;
    return static_cast<std::uint32_t>(rva);
}

std::optional<std::uint32_t> Image::section_at(std::uint32_t rva) const {
    for (std::uint32_t i = 0; i < sections_.size(); ++i) {
        if (sections_[i].contains(rva)) return i;
    }
    return std::nullopt;
}

}  // namespace abiscope::pe
