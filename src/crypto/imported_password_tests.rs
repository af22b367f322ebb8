use super::*;

const PASSWORD: &str = "violin gravel otter parade";

/// Made by Python's hashlib and by glibc's crypt for [`PASSWORD`].
const MADE_ELSEWHERE: [&str; 10] = [
    "$2b$05$abcdefghijklmnopqrstuuiXY0jHh5NIsDlTda4lF6DJSmN/Gkr.6",
    "bcrypt$$2b$05$abcdefghijklmnopqrstuuiXY0jHh5NIsDlTda4lF6DJSmN/Gkr.6",
    "bcrypt_sha256$$2b$05$abcdefghijklmnopqrstuug5z5W2Cu7MBrxSg1Wgh1/BJ.cgLxDY2",
    "pbkdf2_sha256$12000$bZ8sDf3kQ0aH$5EgJfeuxKqXfgrpHgABfimpTriNvIAocLlPHo8fCfyQ=",
    "pbkdf2_sha1$12000$bZ8sDf3kQ0aH$1Qj/KVy5Vl1Kmfy7l0VzwxfdjYE=",
    "$pbkdf2-sha256$i=12000,l=32$yMnKy8zNzs/Q0dLT1NXW1w$cwETiRk6R9Pm6HQZJyKgMfHQ3rTWgG2oy2wsWcFx2/M",
    "$pbkdf2-sha256$12000$yMnKy8zNzs/Q0dLT1NXW1w$cwETiRk6R9Pm6HQZJyKgMfHQ3rTWgG2oy2wsWcFx2/M",
    "$pbkdf2-sha512$12000$yMnKy8zNzs/Q0dLT1NXW1w$2dFXChnVSO0hueAZZ25EQAXPPI9DJcnntb4TuGtJlqRJ1M6kWy0ld4wxj/T4z1Sx\
     uDAtD9SLd3qorRtsVbVfeA",
    "$scrypt$ln=10,r=8,p=1$yMnKy8zNzs/Q0dLT1NXW1w$c35EMuBiwfAB+R2Pzz6fWQXNS8MWrqEO17bd/gLq4Ik",
    "scrypt$1024$bZ8sDf3kQ0aH$8$2$/rXbxs8vFyRLD+3KJpuWb3itHqdpwN6goHHROo4Ii45No0Id5+IjGS+E3zngmaVg52hkhyrHfWzo7bdA\
     XigKvg==",
];

fn read(text: &str) -> ImportedPassword {
    ImportedPassword::parse(text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"))
}

#[test]
fn a_hash_made_elsewhere_knows_its_password_and_no_other() {
    for text in MADE_ELSEWHERE {
        let hash = read(text);
        assert!(hash.is_password(PASSWORD.as_bytes()), "{text}");
        for wrong in ["", "violin gravel otter parad", "violin gravel otter parade ", "Violin gravel otter parade"] {
            assert!(!hash.is_password(wrong.as_bytes()), "{text}: {wrong:?}");
        }
    }
}

/// The three letters of one function; `2x` marks hashes of a broken one.
#[test]
fn bcrypt_is_read_under_each_of_its_names() {
    for (name, good) in [("2a", true), ("2b", true), ("2y", true), ("2x", false), ("2", false)] {
        let text = MADE_ELSEWHERE[0].replacen("2b", name, 1);
        let known = ImportedPassword::parse(&text).is_ok_and(|hash| hash.is_password(PASSWORD.as_bytes()));
        assert_eq!(known, good, "{name}");
    }
}

/// As it was where the hash was made; argon2id, which replaces it, sees all of it.
#[test]
fn bcrypt_looks_at_72_bytes() {
    let hash = read("$2b$05$abcdefghijklmnopqrstuujf8SX2ahXLwp9w/B.Y5XdysS6yR576q");
    assert!(hash.is_password("x".repeat(80).as_bytes()));
    assert!(hash.is_password("x".repeat(72).as_bytes()));
    assert!(!hash.is_password("x".repeat(71).as_bytes()));
}

#[test]
fn what_is_kept_is_the_shortest_spelling_and_reads_back() {
    assert_eq!(read(MADE_ELSEWHERE[1]).into_text(), MADE_ELSEWHERE[0]);
    let argon2 = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    assert_eq!(read(&format!("argon2{argon2}")).into_text(), argon2);
    for text in MADE_ELSEWHERE {
        let kept = read(text).into_text();
        assert!(read(&kept).is_password(PASSWORD.as_bytes()), "{kept}");
    }
}

#[test]
fn a_hash_no_server_should_have_to_check_is_refused() {
    let salt_and_hash = "yMnKy8zNzs/Q0dLT1NXW1w$c35EMuBiwfAB+R2Pzz6fWQXNS8MWrqEO17bd/gLq4Ik";
    let argon2 = |costs: &str| format!("$argon2id$v=19${costs}${salt_and_hash}");
    for dear in [
        MADE_ELSEWHERE[0].replace("$05$", "$15$"),
        MADE_ELSEWHERE[0].replace("$05$", "$99$"),
        MADE_ELSEWHERE[3].replace("12000", "5000001"),
        format!("$scrypt$ln=18,r=8,p=1${salt_and_hash}"),
        format!("$scrypt$ln=17,r=8,p=9${salt_and_hash}"),
        format!("$scrypt$ln=17,r=4294967295,p=1${salt_and_hash}"),
        format!("$scrypt$ln=4294967295,r=1,p=1${salt_and_hash}"),
        format!("$scrypt$ln=1,r=1,p=4294967295${salt_and_hash}"),
        argon2("m=262144,t=1,p=1"),
        argon2("m=131072,t=9,p=1"),
        argon2("m=8,t=4294967295,p=1"),
        argon2("m=8,t=65,p=1"),
    ] {
        let refusal = ImportedPassword::parse(&dear).err();
        assert!(matches!(refusal, Some(HashRefusal::TooDear(..))), "{dear}: {refusal:?}");
    }
    assert_eq!(ImportedPassword::parse(&MADE_ELSEWHERE[3].replace("12000", "999")).err(), Some(HashRefusal::TooCheap));
    assert!(ImportedPassword::parse(&argon2("m=8,t=64,p=1")).is_ok(), "and is checked at sign-in");
    for bearable in ["m=102400,t=2,p=8", "m=65536,t=3,p=4", "m=131072,t=8,p=1"] {
        assert!(ImportedPassword::parse(&argon2(bearable)).is_ok(), "{bearable}");
    }
    for bearable in ["ln=17,r=8,p=1", "ln=14,r=8,p=5", "ln=13,r=8,p=10"] {
        assert!(ImportedPassword::parse(&format!("$scrypt${bearable}${salt_and_hash}")).is_ok(), "{bearable}");
    }
}

/// C50: what cannot be read is nobody's password.
#[test]
fn what_is_no_hash_is_refused_and_no_part_of_it_repeated() {
    let texts = [
        "",
        "hunter2",
        "!",
        "md5$salt$5f4dcc3b5aa765d61d8327deb882cf99",
        "sha1$bZ8sDf3kQ0aH$da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "$2b$05$tooshort",
        "$2b$5$abcdefghijklmnopqrstuuiXY0jHh5NIsDlTda4lF6DJSmN/Gkr.6",
        "$2b$03$abcdefghijklmnopqrstuuiXY0jHh5NIsDlTda4lF6DJSmN/Gkr.6",
        "$2b$05$abcdefghijklmnopqrstuuiXY0jHh5NIsDlTda4lF6DJSmN/Gkr.é",
        "pbkdf2_sha256$0$bZ8sDf3kQ0aH$5EgJfeuxKqXfgrpHgABfimpTriNvIAocLlPHo8fCfyQ=",
        "pbkdf2_sha256$12000$$5EgJfeuxKqXfgrpHgABfimpTriNvIAocLlPHo8fCfyQ=",
        "pbkdf2_sha256$12000$bZ8sDf3kQ0aH$",
        "pbkdf2_sha256$12000$bZ8sDf3kQ0aH$5Eg=",
        "pbkdf2_sha256$12000$bZ8sDf3kQ0aH$not base64",
        "$scrypt$ln=10,r=8$yMnKy8zNzs/Q0dLT1NXW1w$c35EMuBiwfAB+R2Pzz6fWQXNS8MWrqEO17bd/gLq4Ik",
        "$scrypt$ln=0,r=8,p=1$yMnKy8zNzs/Q0dLT1NXW1w$c35EMuBiwfAB+R2Pzz6fWQXNS8MWrqEO17bd/gLq4Ik",
        "scrypt$1000$bZ8sDf3kQ0aH$8$2$/rXbxs8vFyRLD+3KJpuWb3itHqdpwN6goHHROo4Ii45No0Id5+IjGS==",
        "$argon2id$",
        "$argon2id$v=19$m=8,t=1,p=1",
        "$argon2id$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    ];
    for text in texts {
        let refusal = ImportedPassword::parse(text).err().unwrap_or_else(|| panic!("{text} was taken"));
        let said = refusal.to_string();
        assert!(text.split('$').all(|part| part.len() < 8 || !said.contains(part)), "{said}");
    }
}
