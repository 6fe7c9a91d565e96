from django.db import models


class Lot(models.Model):
    """A land supply as one row of a ledger."""

    number = models.CharField("电子监管号", max_length=20, unique=True)
    method = models.CharField("供应方式", max_length=10)
    land_user = models.CharField("用地单位", max_length=60)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    contact = models.CharField("联系人", max_length=20, blank=True)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    address = models.CharField("送达地址", max_length=100, blank=True)
    location = models.CharField("宗地坐落", max_length=100, blank=True)
    township = models.CharField("乡镇", max_length=20)
    village = models.CharField("村", max_length=20, blank=True)
    area = models.DecimalField("面积", max_digits=14, decimal_places=2)
    use = models.CharField("用途", max_length=20, blank=True)
    price = models.DecimalField("成交价款", max_digits=16, decimal_places=2, null=True)
    deposit = models.DecimalField("定金", max_digits=16, decimal_places=2, null=True)
    signed_on = models.DateField("签订日期")
    start_on = models.DateField("约定开工日期", null=True)
    completion_on = models.DateField("约定竣工日期", null=True)
    plot_ratio = models.DecimalField("容积率", max_digits=6, decimal_places=2, null=True)
    instalments = models.IntegerField("期数", null=True)
    remark = models.CharField("备注", max_length=200, blank=True)

    class Meta:
        app_label = "ledger"
        default_permissions = ()

    def __str__(self) -> str:
        return self.number
