#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "bytes/reader.h"
#include "surface/baseline.h"
#include "surface/baseline_fields.h"
#include "surface/baseline_format.h"

namespace abiscope::surface {

namespace {

using namespace baseline_format;

class PayloadReader {
public:
    explicit PayloadReader(View payload) : reader_(payload, Endian::little, "baseline"), text_left_((payload.size() << 6) + (1 << 20)) {
        std::uint64_t count = reader_.uleb128();
        if (count > reader_.remaining()) {
            stop("number of texts", "as many as there are bytes");
            return;
        }
        for (std::uint64_t i = 0; i < count && reader_.ok(); ++i) {
            std::uint64_t size = reader_.uleb128();
            texts_.push_back(reader_.bytes(size).as_text());
        }
    }

    template <typename... T>
    void operator()(T&... values) {
        (get(values), ...);
    }

    void get(bool& value) {
        std::uint8_t read = reader_.u8();
        if (read > 1) stop("a yes or no", "0 or 1");
        value = read == 1;
    }
    void get(std::string& value) {
        std::uint64_t number = reader_.uleb128();
        if (!ok()) return;
        if (number >= texts_.size()) return stop("number of a text", fmt::format("below {}", texts_.size()));
        // Texts of a real program are shared a few times each; in a hostile file a long one can be named by every byte.
        std::string_view text = texts_[number];
        if (text.size() > text_left_) return stop("number of a text", "less text in all");
        text_left_ -= text.size();
        value = std::string(text);
    }
    void get(abi::TypeId& id) {
        std::uint64_t number = reader_.uleb128();
        if (number > 0xffffffff) return stop("number of a type", "32 bits");
        id = number == 0 ? abi::TypeId::none : static_cast<abi::TypeId>(number - 1);
        if (number > greatest_type_) greatest_type_ = number;
    }
    template <std::unsigned_integral T>
    void get(T& value) {
        std::uint64_t read = reader_.uleb128();
        value = static_cast<T>(read);
        if (value != read) stop("a number", fmt::format("{} bits", sizeof(T) * 8));
    }
    template <std::signed_integral T>
    void get(T& value) {
        std::uint64_t read = reader_.uleb128();
        auto wide = static_cast<std::int64_t>(read >> 1 ^ (~(read & 1) + 1));
        value = static_cast<T>(wide);
        if (value != wide) stop("a number", fmt::format("{} bits", sizeof(T) * 8));
    }
    template <Enumerated T>
    void get(T& value) {
        std::uint8_t read = reader_.u8();
        if (read > static_cast<std::uint8_t>(greatest<T>))
            return stop("a kind", fmt::format("at most {}", static_cast<unsigned>(greatest<T>)));
        value = static_cast<T>(read);
    }
    template <typename T>
    void get(std::optional<T>& value) {
        bool there = false;
        get(there);
        if (!there || !ok()) return;
        value.emplace();
        get(*value);
    }
    // Every element takes a byte or more: a count that does not fit ends with the bytes.
    template <typename T>
    void get(std::vector<T>& values) {
        std::uint64_t count = reader_.uleb128();
        if (count > reader_.remaining()) return stop("a count", fmt::format("at most {}, the bytes left", reader_.remaining()));
        for (std::uint64_t i = 0; i < count && ok(); ++i) get(values.emplace_back());
    }
    template <typename T>
        requires std::is_class_v<T>
    void get(T& value) {
        fields(*this, value);
    }

    void types(abi::TypeTable& into) {
        std::uint64_t count = 0;
        get(count);
        if (count > reader_.remaining()) return stop("number of types", "as many as there are bytes");
        for (std::uint64_t i = 0; i < count && ok(); ++i) {
            abi::Type type;
            get(type);
            switch (type.kind) {
                case abi::Kind::record: add<abi::Record>(into, std::move(type)); break;
                case abi::Kind::enumeration: add<abi::Enumeration>(into, std::move(type)); break;
                case abi::Kind::function: add<abi::Function>(into, std::move(type)); break;
                default: into.add(std::move(type)); break;
            }
        }
        if (ok() && greatest_type_ > into.size()) stop("number of a type", fmt::format("below {}", into.size()));
    }

    void stop(std::string_view field, std::string wanted) {
        if (ok()) error_ = reader_.bad_value(field, std::move(wanted), "another");
    }

    [[nodiscard]] bool ok() const { return reader_.ok() && !error_; }
    [[nodiscard]] bool at_end() const { return reader_.remaining() == 0; }
    [[nodiscard]] Error error() const { return error_ ? *error_ : reader_.error(); }

private:
    template <typename Detail>
    void add(abi::TypeTable& into, abi::Type type) {
        Detail detail;
        get(detail);
        into.add(std::move(type), std::move(detail));
    }

    Reader reader_;
    std::vector<std::string_view> texts_;
    std::optional<Error> error_;
    std::uint64_t greatest_type_ = 0;
    std::uint64_t text_left_;
};

Result<Surface> read(const SourcePtr& file, const Limits& limits) {
    ABISCOPE_TRY(SourcePtr payload, unpack(packed, file, limits));
    PayloadReader reader(payload->view());
    Surface surface;
    reader.get(surface);
    reader.types(surface.types);
    for (const Symbol& symbol : surface.symbols) {
        if (symbol.function && *symbol.function >= surface.functions.size())
            reader.stop("number of a function", fmt::format("below {}", surface.functions.size()));
    }
    if (reader.ok() && !reader.at_end()) reader.stop("end", "no bytes behind the types");
    if (!reader.ok()) return fail(reader.error());
    return surface;
}

}  // namespace

bool is_baseline(const SourcePtr& file) { return file->view().starts_with(packed.magic); }

Result<Surface> read_baseline(const SourcePtr& file, const Limits& limits) {
    if (!is_baseline(file))
        return fail(Error{.code = ErrorCode::bad_magic, .what = "is not a baseline", .file = file->name(), .wanted = {}, .had = {}});
    auto surface = read(file, limits);
    if (surface) return surface;
    Error error = surface.error();
    if (error.file.empty()) error.file = file->name();
    return fail(std::move(error));
}

}  // namespace abiscope::surface
