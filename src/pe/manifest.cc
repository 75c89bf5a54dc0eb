#include "pe/manifest.h"

#include <array>
#include <utility>

#include "base/text.h"
#include "pe/utf16.h"
#include "pe/xml.h"

namespace abiscope::pe {

namespace {

constexpr std::size_t most_levels = 64;

// Windows SDK, "Application manifests", supportedOS.
constexpr auto supported_systems = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"{e2011457-1546-43c5-a5fe-008deee3d3f0}", "Windows Vista"},
    {"{35138b9a-5d96-4fbd-8e2d-a2440225f93a}", "Windows 7"},
    {"{4a2f28e3-53b9-4441-ba9c-d69d4a4a6e38}", "Windows 8"},
    {"{1f676c76-80e1-4239-95bb-83d0f6d0da78}", "Windows 8.1"},
    {"{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}", "Windows 10 or 11"},
});

class ManifestReader {
public:
    explicit ManifestReader(std::string_view text) : scan_(text) {}

    Result<Manifest> read() {
        for (;;) {
            ABISCOPE_TRY(XmlEvent event, scan_.next());
            switch (event) {
                case XmlEvent::start: {
                    if (path_.size() >= most_levels) return fail(ErrorCode::limit_reached, "the manifest is nested too deeply");
                    path_.emplace_back(scan_.name());
                    text_.clear();
                    start();
                    break;
                }
                case XmlEvent::text: text_ += scan_.content(); break;
                case XmlEvent::end: {
                    if (path_.empty() || path_.back() != scan_.name())
                        return fail(ErrorCode::bad_value, "an end tag of the manifest has no start");
                    end();
                    path_.pop_back();
                    text_.clear();
                    break;
                }
                case XmlEvent::finished: {
                    if (!path_.empty()) return fail(ErrorCode::bad_value, "the manifest ends within an element");
                    return std::move(manifest_);
                }
            }
        }
    }

private:
    [[nodiscard]] bool within(std::string_view parent) const { return path_.size() >= 2 && path_[path_.size() - 2] == parent; }

    [[nodiscard]] std::string attribute(std::string_view name) const {
        const std::string* value = scan_.attribute(name);
        return value != nullptr ? *value : std::string();
    }

    void start() {
        std::string_view name = path_.back();
        if (name == "requestedExecutionLevel") {
            manifest_.requested_level = attribute("level");
            manifest_.ui_access = text::lower(attribute("uiAccess")) == "true";
        } else if (name == "supportedOS") {
            manifest_.supported_os.push_back(attribute("Id"));
        } else if (name == "maxversiontested") {
            manifest_.max_version_tested = attribute("Id");
        } else if (name == "assemblyIdentity") {
            AssemblyIdentity identity{.name = attribute("name"),
                                      .version = attribute("version"),
                                      .type = attribute("type"),
                                      .architecture = attribute("processorArchitecture"),
                                      .public_key_token = attribute("publicKeyToken"),
                                      .language = attribute("language")};
            if (within("dependentAssembly")) manifest_.dependencies.push_back(std::move(identity));
            else if (within("assembly")) manifest_.identity = std::move(identity);
        }
    }

    void end() {
        if (within("windowsSettings")) manifest_.settings.push_back({.name = path_.back(), .value = std::string(text::trim(text_))});
    }

    XmlScan scan_;
    std::vector<std::string> path_;
    std::string text_;
    Manifest manifest_;
};

}  // namespace

std::optional<std::string> Manifest::setting(std::string_view name) const {
    for (const ManifestSetting& candidate : settings) {
        if (candidate.name == name) return candidate.value;
    }
    return std::nullopt;
}

Result<Manifest> read_manifest(View data) {
    std::string converted;
    std::string_view text = data.as_text();
    if (data.starts_with("\xff\xfe")) {
        converted = utf16_to_utf8(data.from(2));
        text = converted;
    } else if (data.starts_with("\xef\xbb\xbf")) {
        text.remove_prefix(3);
    }
    // Resource compilers pad with zeros.
    while (text.ends_with('\0')) text.remove_suffix(1);
    auto manifest = ManifestReader(text).read();
    if (manifest) return manifest;
    Error error = std::move(manifest).error();
    if (error.offset != Error::no_offset && converted.empty()) error.had = "at byte " + std::to_string(error.offset) + " of the manifest";
    error.offset = data.file_offset();
    return fail(std::move(error));
}

std::optional<std::string_view> supported_os_name(std::string_view guid) {
    std::string wanted = text::lower(guid);
    for (const auto& [known, name] : supported_systems) {
        if (known == wanted) return name;
    }
    return std::nullopt;
}

}  // namespace abiscope::pe
