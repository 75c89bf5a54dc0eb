#include "pe/resources.h"

#include <functional>

#include "pe/manifest.h"
#include "pe/utf16.h"
#include "pe/version_info.h"
#include "pe/xml.h"
#include "unit/pe/testing.h"

namespace abiscope::pe {
namespace {

using finding::RuleId;
using test::PeBuilder;
using test::PeBytes;

PeBytes directory(std::uint16_t named, std::uint16_t numbered) { return PeBytes().zeros(12).u16(named).u16(numbered); }

// Type 24 -> name "N" -> language 1033 -> data "hi".
PeBytes tree(std::uint32_t rva) {
    PeBytes bytes;
    bytes.append(directory(0, 1)).u32(24).u32(0x80000000 | 24);
    bytes.append(directory(1, 0)).u32(0x80000000 | 88).u32(0x80000000 | 48);
    bytes.append(directory(0, 1)).u32(1033).u32(72);
    bytes.u32(rva + 92).u32(2).u32(1252).u32(0);
    bytes.u16(1).utf16(u"N", false).text("hi", false);
    return bytes;
}

Parsed with_tree(const std::function<void(PeBytes&)>& spoil) {
    PeBuilder builder;
    PeBytes bytes = tree(builder.next_rva());
    spoil(bytes);
    builder.add_directory(2, bytes, static_cast<std::uint32_t>(bytes.size()));
    return parse(builder);
}

TEST(Resources, FlattensTheTree) {
    Parsed file = with_tree([](PeBytes&) {});
    auto resources = read_resources(file.image, file.sink);
    ASSERT_TRUE(resources);
    EXPECT_TRUE(resources->complete);
    ASSERT_EQ(resources->resources.size(), 1U);
    const Resource& resource = resources->resources[0];
    EXPECT_EQ(resource.type(), 24U);
    EXPECT_EQ(resource.path.at(1).name(), "N");
    EXPECT_EQ(resource.language(), 1033U);
    EXPECT_EQ(resource.code_page, 1252U);
    EXPECT_EQ(resource.data.as_text(), "hi");
    EXPECT_TRUE(file.sink.findings().empty());
}

TEST(Resources, ACycleIsWalkedOnce) {
    Parsed file = with_tree([](PeBytes& bytes) { bytes.patch(44, 0x80000000, 4); });
    auto resources = read_resources(file.image, file.sink);
    ASSERT_TRUE(resources);
    EXPECT_FALSE(resources->complete);
    EXPECT_TRUE(resources->resources.empty());
    EXPECT_TRUE(file.has(RuleId::PE_RESOURCE_CYCLE));
}

TEST(Resources, WhatIsNotInTheFileIsAFinding) {
    Parsed data = with_tree([](PeBytes& bytes) { bytes.patch(72, 0x900000, 4); });
    EXPECT_FALSE(read_resources(data.image, data.sink)->complete);
    EXPECT_TRUE(data.has(RuleId::PE_TABLE_DAMAGED));
    Parsed count = with_tree([](PeBytes& bytes) { bytes.patch(14, 0xffff, 2); });
    EXPECT_FALSE(read_resources(count.image, count.sink)->complete);
    EXPECT_TRUE(count.has(RuleId::PE_TABLE_DAMAGED));
    Parsed name = with_tree([](PeBytes& bytes) { bytes.patch(40, 0x80700000, 4); });
    EXPECT_FALSE(read_resources(name.image, name.sink)->complete);
}

TEST(Resources, DeepTreesEndAtFourLevels) {
    // Directory k leads to directory k + 1.
    PeBytes bytes;
    for (std::uint32_t i = 1; i <= 100; ++i) bytes.append(directory(0, 1)).u32(1).u32(0x80000000 | i * 24);
    PeBuilder builder;
    builder.add_directory(2, bytes, static_cast<std::uint32_t>(bytes.size()));
    Parsed file = parse(builder);
    EXPECT_FALSE(read_resources(file.image, file.sink)->complete);
    EXPECT_TRUE(file.has(RuleId::PE_TABLE_DAMAGED));
}

// Length, value length, type, key, value, children; the length is filled in at the end.
PeBytes node(std::u16string_view key, std::uint16_t type, const PeBytes& value, std::uint16_t value_length, const PeBytes& children) {
    PeBytes bytes;
    bytes.u16(0).u16(value_length).u16(type).utf16(key).align(4).append(value);
    if (children.size() != 0) bytes.align(4).append(children);
    bytes.patch(0, bytes.size(), 2);
    bytes.align(4);
    return bytes;
}

PeBytes version_resource(bool lengths_in_bytes) {
    PeBytes fixed;
    fixed.u32(0xfeef04bd)
        .u32(0x10000)
        .u32(0x00010002)
        .u32(0x00030004)
        .u32(0x00050006)
        .u32(0x00070008)
        .u32(0x3f)
        .u32(1)
        .u32(0x40004)
        .u32(2)
        .u32(0)
        .u64(0);
    auto text = [&](std::u16string_view key, std::u16string_view value) {
        auto units = static_cast<std::uint16_t>(value.size() + 1);
        return node(key, 1, PeBytes().utf16(value), static_cast<std::uint16_t>(lengths_in_bytes ? 2 * units : units), {});
    };
    PeBytes strings = text(u"ProductName", u"abi");
    strings.append(text(u"Comments", u"x\u00e9"));
    PeBytes table = node(u"040904b0", 1, {}, 0, strings);
    PeBytes children = node(u"StringFileInfo", 1, {}, 0, table);
    children.append(node(u"VarFileInfo", 1, {}, 0, node(u"Translation", 0, PeBytes().u16(0x409).u16(1200), 4, {})));
    return node(u"VS_VERSION_INFO", 0, fixed, 52, children);
}

SourcePtr source_of(const PeBytes& bytes) { return Source::from_memory("resource", bytes.bytes()); }

TEST(VersionInfo, FixedPartStringsAndTranslations) {
    for (bool lengths_in_bytes : {false, true}) {
        auto source = source_of(version_resource(lengths_in_bytes));
        auto info = read_version_info(source->view());
        ASSERT_TRUE(info) << info.error().describe();
        EXPECT_TRUE(info->has_fixed);
        EXPECT_EQ(info->file_version, (std::array<std::uint16_t, 4>{1, 2, 3, 4}));
        EXPECT_EQ(info->product_version[3], 8);
        EXPECT_EQ(info->type, 2U);
        EXPECT_EQ(info->find("ProductName"), "abi");
        EXPECT_EQ(info->find("Comments"), "x\xc3\xa9");
        EXPECT_EQ(info->find("Nothing"), std::nullopt);
        EXPECT_EQ(info->strings.at(0).language, "040904b0");
        EXPECT_EQ(info->translations, (std::vector<std::uint32_t>{1200U << 16 | 0x409}));
    }
}

TEST(VersionInfo, EveryTruncationEndsInAnErrorOrLess) {
    PeBytes whole = version_resource(false);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        auto bytes = whole.bytes();
        bytes.resize(size);
        auto source = Source::from_memory("cut", bytes);
        auto info = read_version_info(source->view());
        EXPECT_TRUE(info || !info.error().what.empty());
    }
}

constexpr std::string_view manifest_text = R"(<?xml version='1.0' encoding='UTF-8'?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" xmlns:asmv3="urn:schemas-microsoft-com:asm.v3" manifestVersion="1.0">
  <!-- <requestedExecutionLevel level="commented"/> -->
  <assemblyIdentity name="Me &amp; you" version="1.0.0.0" type="win32"/>
  <dependency><dependentAssembly>
    <assemblyIdentity type="win32" name="Microsoft.Windows.Common-Controls" version="6.0.0.0" processorArchitecture="*" language="*"/>
  </dependentAssembly></dependency>
  <trustInfo><security><requestedPrivileges><requestedExecutionLevel level="highestAvailable" uiAccess="true"></requestedExecutionLevel>
  </requestedPrivileges></security></trustInfo>
  <compatibility><application>
    <supportedOS Id="{8E0F7A12-bfb3-4fe8-b9a5-48fd50a15a9a}"/><maxversiontested Id="10.0.18362.0"/>
  </application></compatibility>
  <asmv3:application><asmv3:windowsSettings><dpiAware>true/pm</dpiAware><longPathAware> true </longPathAware></asmv3:windowsSettings></asmv3:application>
</assembly>)";

void expect_manifest(const PeBytes& bytes) {
    auto source = source_of(bytes);
    auto manifest = read_manifest(source->view());
    ASSERT_TRUE(manifest) << manifest.error().describe();
    EXPECT_EQ(manifest->requested_level, "highestAvailable");
    EXPECT_EQ(manifest->ui_access, true);
    ASSERT_TRUE(manifest->identity);
    EXPECT_EQ(manifest->identity->name, "Me & you");
    ASSERT_EQ(manifest->dependencies.size(), 1U);
    EXPECT_EQ(manifest->dependencies[0].version, "6.0.0.0");
    ASSERT_EQ(manifest->supported_os.size(), 1U);
    EXPECT_EQ(supported_os_name(manifest->supported_os[0]), "Windows 10 or 11");
    EXPECT_EQ(manifest->max_version_tested, "10.0.18362.0");
    EXPECT_EQ(manifest->setting("dpiAware"), "true/pm");
    EXPECT_EQ(manifest->setting("longPathAware"), "true");
    EXPECT_EQ(manifest->setting("activeCodePage"), std::nullopt);
}

TEST(Manifest, InUtf8AndUtf16) {
    expect_manifest(PeBytes().text(manifest_text, false).zeros(3));
    expect_manifest(PeBytes().text("\xef\xbb\xbf", false).text(manifest_text, false));
    std::u16string wide(manifest_text.begin(), manifest_text.end());
    expect_manifest(PeBytes().u16(0xfeff).utf16(wide, false));
}

TEST(Manifest, WhatIsNotWellFormedIsAnError) {
    for (std::string_view text : {"<a>", "</a>", "<a></b>", "<a b></a>", "<a b=c></a>", "<a b='c></a>", "<a", "<!-- x", "<>", "<a/"}) {
        auto source = source_of(PeBytes().text(text, false));
        auto manifest = read_manifest(source->view());
        EXPECT_FALSE(manifest) << text;
    }
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += "<a>";
    auto source = source_of(PeBytes().text(deep, false));
    EXPECT_EQ(read_manifest(source->view()).error().code, ErrorCode::limit_reached);
}

TEST(Xml, EntitiesAndCdata) {
    XmlScan scan("<x:a b='&#65;&#x42;&lt;&unknown;'>t<![CDATA[<&]]></x:a>");
    EXPECT_EQ(*scan.next(), XmlEvent::start);
    EXPECT_EQ(scan.name(), "a");
    ASSERT_NE(scan.attribute("b"), nullptr);
    EXPECT_EQ(*scan.attribute("b"), "AB<&unknown;");
    EXPECT_EQ(*scan.next(), XmlEvent::text);
    EXPECT_EQ(scan.content(), "t");
    EXPECT_EQ(*scan.next(), XmlEvent::text);
    EXPECT_EQ(scan.content(), "<&");
    EXPECT_EQ(*scan.next(), XmlEvent::end);
    EXPECT_EQ(*scan.next(), XmlEvent::finished);
}

TEST(Utf16, PairsAndStrays) {
    auto convert = [](std::u16string_view text) { return utf16_to_utf8(source_of(PeBytes().utf16(text, false))->view()); };
    EXPECT_EQ(convert(u"a\u00df\u20ac\U0001f600"), "a\xc3\x9f\xe2\x82\xac\xf0\x9f\x98\x80");
    EXPECT_EQ(utf16_to_utf8(source_of(PeBytes().u16(0xd800).u16('x'))->view()), "\xef\xbf\xbdx");
    EXPECT_EQ(utf16_to_utf8(source_of(PeBytes().u16('x').u8(1))->view()), "x\xef\xbf\xbd");
}

}  // namespace
}  // namespace abiscope::pe
