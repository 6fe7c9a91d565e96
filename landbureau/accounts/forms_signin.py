"""Forms of sign-in, password and the own profile."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from landbureau.accounts.models import User
from landbureau.web.forms import VersionedModelForm


class SignInForm(AuthenticationForm):
    """One message for wrong name, wrong password and deactivated account: it tells nobody who works here."""

    def get_invalid_login_error(self) -> ValidationError:
        minutes = settings.AXES_COOLOFF_TIME.seconds // 60
        return ValidationError(
            f"用户名或密码不正确，请注意区分大小写。"
            f"连续错误 {settings.AXES_FAILURE_LIMIT} 次将锁定 {minutes} 分钟。",
            code="invalid_login",
        )


class PasswordForm(PasswordChangeForm):
    """Old and new password. The policy's complaints stand at the first of the two new fields."""

    error_messages = {
        "password_mismatch": "两次输入的新密码不一致。",
        "password_incorrect": "密码不正确，请重新输入。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "初始密码" if self.user.must_change_password else "当前密码"
        self.fields["new_password2"].label = "再次输入新密码"
        for name in ("new_password1", "new_password2"):
            self.fields[name].help_text = ""  # the page shows ``rules`` below the form

    @property
    def rules(self) -> list[str]:
        return [*password_validators_help_texts(), "不能与原密码相同。"]

    def clean_new_password1(self) -> str:
        password: str = self.cleaned_data["new_password1"]
        if password == self.cleaned_data.get("old_password"):
            raise ValidationError("新密码不能与原密码相同。", code="password_unchanged")
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any] | None:
        self.validate_passwords("new_password1", "new_password2")
        return forms.Form.clean(self)


class ProfileForm(VersionedModelForm):
    """What people keep up to date about themselves; the rest is the administrator's."""

    phone = forms.CharField(
        label="手机",
        required=False,
        max_length=30,
        validators=[
            RegexValidator(r"^\+?[0-9][0-9 -]{5,}$", "请填写手机号或带区号的座机号，如 138 0000 0000。")
        ],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )

    class Meta:
        model = User
        fields = ["phone"]
