#include <cerrno>

#include <nlohmann/json.hpp>

#include "bytes/reader.h"
#include "target/memory_file_system.h"
#include "target/profile.h"
#include "target/profile_format.h"
#include "target/skeleton.h"
#include "target/target_json.h"

namespace abiscope::target {

namespace {

using namespace profile_format;

// Absolute, without empty, `.` or `..` parts: the form in which the writer stores every path.
bool is_real_path(std::string_view path) {
    if (path == "/") return true;
    if (path.empty() || path.front() != '/' || path.back() == '/' || path.size() >= longest_path) return false;
    for (std::size_t at = 1; at <= path.size();) {
        std::size_t end = std::min(path.find('/', at), path.size());
        std::string_view name = path.substr(at, end - at);
        if (name.empty() || name == "." || name == ".." || name.size() > longest_name || name.find('\0') != std::string_view::npos)
            return false;
        at = end + 1;
    }
    return true;
}

class EntryReader {
public:
    EntryReader(SourcePtr payload, Reader& reader, MemoryFileSystem& files, const Limits& limits)
        : payload_(std::move(payload)), reader_(reader), files_(files), limits_(limits) {}

    Result<void> read() {
        Kind kind = static_cast<Kind>(reader_.u8());
        std::uint8_t flags = reader_.u8();
        std::string path(text());
        FileAttributes attributes;
        attributes.mode = reader_.u32() & 07777;
        attributes.uid = reader_.u32();
        attributes.gid = reader_.u32();
        attributes.modified = reader_.u64();
        if (!reader_.ok()) return fail(reader_.error());
        ABISCOPE_CHECK(check_place(path));
        SystemResult<void> added;
        switch (kind) {
            case Kind::folder:
                added = files_.add_directory(path, attributes);
                if ((flags & flag_listed) != 0) files_.mark_listed(path);
                break;
            case Kind::link: {
                std::string link(text());
                if (!reader_.ok()) return fail(reader_.error());
                added = files_.add_link(path, link, attributes);
                break;
            }
            case Kind::other: added = files_.add_other(path, attributes); break;
            case Kind::file: return read_file(path, attributes, (flags & flag_unreadable) != 0);
            default: return fail(reader_.bad_value("kind of an entry", "0 to 3", std::to_string(static_cast<unsigned>(kind))));
        }
        if (!added) return fail(reader_.bad_value("path", "a new place in a folder", path));
        return {};
    }

private:
    std::string_view text() {
        std::uint16_t size = reader_.u16();
        return reader_.bytes(size).as_text();
    }

    // A folder comes before what is in it, so nothing has to be followed and an entry costs one look.
    Result<void> check_place(const std::string& path) {
        if (!is_real_path(path)) return fail(reader_.bad_value("path", "an absolute path without links", path.substr(0, 80)));
        if (path == "/") return {};
        std::size_t slash = path.rfind('/');
        auto folder = files_.node(slash == 0 ? std::string_view("/") : std::string_view(path).substr(0, slash));
        if (!folder || folder->status.kind != FileKind::directory)
            return fail(reader_.bad_value("path", "a folder that was named before", path.substr(0, 80)));
        return {};
    }

    Result<void> read_file(const std::string& path, FileAttributes attributes, bool unreadable) {
        std::uint64_t size = reader_.u64();
        std::uint32_t count = reader_.u32();
        std::vector<PlacedRange> ranges;
        std::uint64_t end = 0;
        for (std::uint32_t i = 0; i < count && reader_.ok(); ++i) {
            std::uint64_t offset = reader_.u64();
            std::uint32_t length = reader_.u32();
            View bytes = reader_.bytes(length);
            if (!reader_.ok()) break;
            if (offset < end || !range_fits(offset, length, size))
                return fail(reader_.bad_value("range of " + path.substr(0, 80), "ascending, within the file", std::to_string(offset)));
            end = offset + length;
            ranges.push_back({offset, bytes});
        }
        if (!reader_.ok()) return fail(reader_.error());
        if (size > limits_.stream_bytes)
            return fail(reader_.bad_value("size of a file", "at most " + std::to_string(limits_.stream_bytes), std::to_string(size)));
        MemoryFileSystem::Maker maker = [payload = payload_, path, size, ranges = std::move(ranges),
                                         unreadable]() -> SystemResult<SourcePtr> {
            if (unreadable) return std::unexpected(EIO);
            auto made = restore(path, size, ranges);
            if (!made) return std::unexpected(EIO);
            return *std::move(made);
        };
        if (!files_.add_file(path, std::move(maker), size, attributes))
            return fail(reader_.bad_value("path", "a new place in a folder", path));
        return {};
    }

    SourcePtr payload_;
    Reader& reader_;
    MemoryFileSystem& files_;
    const Limits& limits_;
};

Error located(Error error, const SourcePtr& file) {
    if (error.file.empty()) error.file = file->name();
    return error;
}

Result<Target> read_profile(const SourcePtr& file, const Limits& limits) {
    ABISCOPE_TRY(SourcePtr payload, unpack(packed, file, limits));
    Reader reader(payload->view(), Endian::little, "profile");
    std::uint64_t facts_size = reader.u64();
    View facts = reader.bytes(facts_size);
    std::uint32_t count = reader.u32();
    if (!reader.ok()) return fail(reader.error());
    nlohmann::json json = nlohmann::json::parse(facts.as_text(), nullptr, false);
    if (json.is_discarded())
        return fail(Error{.code = ErrorCode::bad_value,
                          .what = "the facts of the profile are not JSON",
                          .file = {},
                          .offset = packed_header_size,
                          .wanted = {},
                          .had = {}});
    ABISCOPE_TRY(Target target, target_from_json(json));
    auto files = std::make_shared<MemoryFileSystem>(false);
    EntryReader entries(payload, reader, *files, limits);
    for (std::uint32_t i = 0; i < count; ++i) {
        ABISCOPE_CHECK(entries.read());
    }
    target.files = std::move(files);
    target.sources.insert(target.sources.begin(), {"profile", "captured in " + file->name()});
    return target;
}

}  // namespace

bool is_profile(const SourcePtr& file) { return file->view().starts_with(packed.magic); }

Result<Target> open_profile(const SourcePtr& file, const Limits& limits) {
    if (!is_profile(file))
        return fail(Error{.code = ErrorCode::bad_magic, .what = "is not a profile", .file = file->name(), .wanted = {}, .had = {}});
    auto target = read_profile(file, limits);
    if (!target) return fail(located(std::move(target).error(), file));
    return target;
}

}  // namespace abiscope::target
