// The application manifest, an XML resource: rights asked for, Windows versions known, DPI awareness, side-by-side assemblies needed.
// Source: Windows SDK, "Application manifests" and "Assembly manifests".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bytes/view.h"

namespace abiscope::pe {

struct AssemblyIdentity {
    std::string name;
    std::string version;
    std::string type;
    std::string architecture;
    std::string public_key_token;
    std::string language;
};

struct ManifestSetting {
    std::string name;              // "dpiAware", "longPathAware", "activeCodePage" ...
    std::string value;
};

struct Manifest {
    std::optional<AssemblyIdentity> identity;
    std::vector<AssemblyIdentity> dependencies;   // looked up in WinSxS before any DLL search
    std::optional<std::string> requested_level;   // "asInvoker", "highestAvailable", "requireAdministrator"
    std::optional<bool> ui_access;
    std::vector<std::string> supported_os;        // GUIDs as written
    std::string max_version_tested;
    std::vector<ManifestSetting> settings;        // children of windowsSettings

    [[nodiscard]] std::optional<std::string> setting(std::string_view name) const;
};

// `data` of a resource of type RT_MANIFEST: UTF-8 or UTF-16 with a byte order mark. Error bad_value when it is not well-formed, for which
// Windows refuses to start the program; its offset is that of the resource.
[[nodiscard]] Result<Manifest> read_manifest(View data);

// "Windows 10 or 11" of a supportedOS GUID; nothing when it is not known.
[[nodiscard]] std::optional<std::string_view> supported_os_name(std::string_view guid);

}  // namespace abiscope::pe
