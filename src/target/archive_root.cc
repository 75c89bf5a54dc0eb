#include "target/archive_root.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>

#include <nlohmann/json.hpp>

#include "bytes/mapped_file.h"
#include "target/archive_reader.h"
#include "target/skeleton.h"

namespace abiscope::target {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view whiteout = ".wh.";
constexpr std::string_view opaque = ".wh..wh..opq";
// The storage drivers of container engines stack 128 at most. A manifest can name one layer a million times.
constexpr std::size_t most_layers = 1024;
constexpr std::uint64_t largest_settings_file = 1 << 20;
constexpr std::uint64_t largest_banner_file = 16 << 20;

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }
std::string folder_of(const std::string& path) { return path.rfind('/') == 0 ? "/" : path.substr(0, path.rfind('/')); }

// Loaders, C libraries and shells: their version is a text anywhere in the file (libc_reader.h, read_shell()).
bool has_banner(std::string_view name) {
    bool loader = name.starts_with("ld") && name.find(".so") != std::string_view::npos;
    bool libc = name.starts_with("libc.") || (name.starts_with("libc-") && name.ends_with(".so"));
    return loader || libc || name == "bash" || name == "busybox";
}

bool is_kept_whole(std::string_view path, std::uint64_t size) {
    return (path.starts_with("/etc/") && size <= largest_settings_file) || (has_banner(name_of(path)) && size <= largest_banner_file);
}

void add_file(MemoryFileSystem& files, const ArchiveMember& member, std::vector<std::byte> bytes) {
    SourcePtr whole = Source::from_memory(member.path, std::move(bytes));
    if (is_kept_whole(member.path, whole->size())) {
        (void)files.add_file(member.path, whole, member.attributes);
        return;
    }
    auto skeleton = std::make_shared<const Skeleton>(make_skeleton(whole));
    auto maker = [skeleton, path = member.path]() -> SystemResult<SourcePtr> {
        std::vector<PlacedRange> ranges;
        for (const KeptRange& range : skeleton->ranges) ranges.push_back({range.offset, View(range.bytes, range.offset)});
        auto made = restore(path, skeleton->size, ranges);
        if (!made) return std::unexpected(EIO);
        return *std::move(made);
    };
    (void)files.add_file(member.path, maker, whole->size(), member.attributes);
}

// A member whose place is refused (below a file, too deep) is left out: so would tar do when it unpacks.
Result<void> add_member(MemoryFileSystem& files, ArchiveMember& member) {
    switch (member.kind) {
        case MemberKind::folder: (void)files.add_directory(member.path, member.attributes); break;
        case MemberKind::link: (void)files.add_link(member.path, member.link, member.attributes); break;
        case MemberKind::hard_link: (void)files.add_hard_link(member.path, member.link); break;
        case MemberKind::other: (void)files.add_other(member.path, member.attributes); break;
        case MemberKind::file: {
            ABISCOPE_TRY(std::vector<std::byte> bytes, member.read());
            add_file(files, member, std::move(bytes));
            break;
        }
    }
    return {};
}

// OCI image specification, "Whiteouts": they take away what lower layers brought, so they come first.
Result<void> apply_layer(MemoryFileSystem& files, const SourcePtr& layer, const Limits& limits) {
    ABISCOPE_CHECK(for_each_member(layer, limits, [&](ArchiveMember& member) -> Result<void> {
        std::string_view name = name_of(member.path);
        std::string folder = folder_of(member.path);
        if (name == opaque) {
            for (const std::string& child : files.list(folder)) files.remove(folder + "/" + child);
        } else if (name.starts_with(whiteout)) {
            files.remove((folder == "/" ? "" : folder) + "/" + std::string(name.substr(whiteout.size())));
        }
        return {};
    }));
    return for_each_member(layer, limits, [&](ArchiveMember& member) -> Result<void> {
        if (name_of(member.path).starts_with(whiteout)) return {};
        return add_member(files, member);
    });
}

Result<void> apply_deb(MemoryFileSystem& files, const SourcePtr& package, const Limits& limits) {
    SourcePtr data;
    ABISCOPE_CHECK(for_each_member(package, limits, [&](ArchiveMember& member) -> Result<void> {
        if (!name_of(member.path).starts_with("data.tar")) return {};
        ABISCOPE_TRY(std::vector<std::byte> bytes, member.read());
        data = Source::from_memory(package->name() + "(data.tar)", std::move(bytes));
        return {};
    }));
    if (!data)
        return fail(Error{.code = ErrorCode::unsupported,
                          .what = "is an archive without data.tar: no Debian package",
                          .file = package->name(),
                          .wanted = {},
                          .had = {}});
    return for_each_member(data, limits, [&](ArchiveMember& member) { return add_member(files, member); });
}

// The parts of an image by name: files of a folder, or members of a tar.
using Blobs = std::function<SourcePtr(const std::string& path)>;

json parse_blob(const Blobs& blobs, const std::string& path) {
    SourcePtr bytes = blobs(path);
    if (!bytes) return {};
    json parsed = json::parse(bytes->view().as_text(), nullptr, false);
    return parsed.is_discarded() ? json() : parsed;
}

std::string text_at(const json& object, const char* key) {
    if (!object.is_object()) return {};
    auto at = object.find(key);
    return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

json list_at(const json& object, const char* key) {
    if (!object.is_object()) return json::array();
    auto at = object.find(key);
    return at != object.end() && at->is_array() ? *at : json::array();
}

// "sha256:0123..." lies in blobs/sha256/0123...; anything else in a digest would lead out of the folder.
std::string blob_path(const std::string& digest) {
    std::size_t colon = digest.find(':');
    bool plain = colon != std::string::npos &&
        std::ranges::all_of(digest, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == ':'; });
    return plain ? "blobs/" + digest.substr(0, colon) + "/" + digest.substr(colon + 1) : std::string();
}

json pick_platform(const json& manifests, Architecture architecture) {
    for (const json& manifest : manifests) {
        if (!manifest.is_object() || !manifest.contains("platform")) continue;
        if (parse_architecture(text_at(manifest["platform"], "architecture")) == architecture) return manifest;
    }
    return manifests.empty() ? json() : manifests.front();
}

// The layers of the image, lowest first. OCI image layout (index.json) or `docker save` (manifest.json).
std::vector<std::string> layer_paths(const Blobs& blobs, Architecture architecture, const Limits& limits) {
    std::vector<std::string> layers;
    json index = parse_blob(blobs, "index.json");
    for (std::uint32_t depth = 0; index.is_object() && index.contains("manifests") && depth < limits.depth; ++depth) {
        index = parse_blob(blobs, blob_path(text_at(pick_platform(list_at(index, "manifests"), architecture), "digest")));
    }
    for (const json& layer : list_at(index, "layers")) layers.push_back(blob_path(text_at(layer, "digest")));
    if (!layers.empty()) return layers;
    json manifest = parse_blob(blobs, "manifest.json");
    if (!manifest.is_array() || manifest.empty()) return layers;
    for (const json& layer : list_at(manifest.front(), "Layers")) {
        std::string path = layer.is_string() ? layer.get<std::string>() : std::string();
        layers.push_back(path.find("..") == std::string::npos && !path.starts_with('/') ? path : std::string());
    }
    return layers;
}

Result<std::shared_ptr<MemoryFileSystem>> read_image(const Blobs& blobs, const std::string& name, Architecture architecture,
                                                     const Limits& limits) {
    std::vector<std::string> layers = layer_paths(blobs, architecture, limits);
    if (layers.empty())
        return fail(Error{.code = ErrorCode::unsupported,
                          .what = "is an image without a manifest that can be read",
                          .file = name,
                          .wanted = {},
                          .had = {}});
    if (layers.size() > most_layers) {
        return fail(Error{.code = ErrorCode::limit_reached,
                          .what = "is an image of more layers than any can have",
                          .file = name,
                          .wanted = std::to_string(most_layers),
                          .had = std::to_string(layers.size())});
    }
    auto files = std::make_shared<MemoryFileSystem>();
    for (const std::string& path : layers) {
        SourcePtr layer = path.empty() ? nullptr : blobs(path);
        if (!layer)
            return fail(
                Error{.code = ErrorCode::not_found, .what = "a layer of the image is missing", .file = name, .wanted = path, .had = {}});
        ABISCOPE_CHECK(apply_layer(*files, layer, limits));
    }
    return files;
}

bool is_image_part(std::string_view path) {
    return path == "/index.json" || path == "/manifest.json" || path.starts_with("/blobs/") || path.ends_with("/layer.tar");
}

Result<std::shared_ptr<MemoryFileSystem>> read_tar(const SourcePtr& source, Architecture architecture, const Limits& limits) {
    auto files = std::make_shared<MemoryFileSystem>();
    MemoryFileSystem parts;
    bool image = false;
    ABISCOPE_CHECK(for_each_member(source, limits, [&](ArchiveMember& member) -> Result<void> {
        if (member.kind != MemberKind::file || !is_image_part(member.path)) return add_member(*files, member);
        image |= member.path == "/index.json" || member.path == "/manifest.json";
        ABISCOPE_TRY(std::vector<std::byte> bytes, member.read());
        (void)parts.add_file(member.path, Source::from_memory(source->name() + "(" + member.path + ")", std::move(bytes)));
        return {};
    }));
    if (!image) return files;
    Blobs blobs = [&](const std::string& path) -> SourcePtr {
        auto contents = parts.open("/" + path, Credentials{});
        const auto* bytes = contents ? std::get_if<SourcePtr>(&*contents) : nullptr;
        return bytes != nullptr ? *bytes : nullptr;
    };
    return read_image(blobs, source->name(), architecture, limits);
}

std::vector<std::string> packages_in(const std::string& folder) {
    std::vector<std::string> paths;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        if (entry.path().extension() == ".deb") paths.push_back(entry.path().string());
    }
    std::ranges::sort(paths);
    return paths;
}

}  // namespace

bool holds_packed_root(const std::string& folder) {
    std::error_code ignored;
    if (fs::exists(fs::path(folder) / "oci-layout", ignored) && fs::exists(fs::path(folder) / "index.json", ignored)) return true;
    return !fs::exists(fs::path(folder) / "usr", ignored) && !fs::exists(fs::path(folder) / "lib", ignored) && !packages_in(folder).empty();
}

Result<std::shared_ptr<MemoryFileSystem>> read_archive_root(const std::string& path, Architecture architecture, const Limits& limits) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
        std::vector<std::string> packages = packages_in(path);
        if (packages.empty()) {
            Blobs blobs = [&](const std::string& part) -> SourcePtr {
                auto bytes = open_file((fs::path(path) / part).string());
                return bytes ? *bytes : nullptr;
            };
            return read_image(blobs, path, architecture, limits);
        }
        auto files = std::make_shared<MemoryFileSystem>();
        for (const std::string& package : packages) {
            ABISCOPE_TRY(SourcePtr bytes, open_file(package));
            ABISCOPE_CHECK(apply_deb(*files, bytes, limits));
        }
        return files;
    }
    ABISCOPE_TRY(SourcePtr file, open_file(path));
    return read_archive_root(file, architecture, limits);
}

Result<std::shared_ptr<MemoryFileSystem>> read_archive_root(const SourcePtr& file, Architecture architecture, const Limits& limits) {
    if (!file->view().starts_with("!<arch>\n")) return read_tar(file, architecture, limits);
    auto files = std::make_shared<MemoryFileSystem>();
    ABISCOPE_CHECK(apply_deb(*files, file, limits));
    return files;
}

}  // namespace abiscope::target
